-- A store as version 1 wrote it. Never change this file: later versions must go on reading it.
PRAGMA application_id = 1399223156;
CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  location TEXT NOT NULL
);
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset INTEGER NOT NULL REFERENCES dataset(id),
  name TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  active_seconds REAL NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0,
  epoch REAL NOT NULL DEFAULT 0,
  shape TEXT NOT NULL DEFAULT '{}',
  archived INTEGER NOT NULL DEFAULT 0,
  process TEXT NOT NULL DEFAULT ''
);
CREATE TABLE metric (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  epoch REAL NOT NULL,
  seconds REAL NOT NULL,
  value REAL,
  PRIMARY KEY (run, name, step, segment)
) WITHOUT ROWID;
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  step INTEGER NOT NULL,
  epoch REAL NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  UNIQUE (run, file)
);
CREATE TABLE evaluation (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL,
  protocol TEXT NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE map (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  protocol TEXT NOT NULL,
  ids BLOB NOT NULL,
  xy BLOB NOT NULL,
  created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE tag (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE INDEX checkpoint_of_run ON checkpoint(run, step);
CREATE INDEX evaluation_of_run ON evaluation(run);
CREATE INDEX map_of_run ON map(run);
INSERT INTO dataset VALUES (1, 'f00d', 'Fashion-MNIST', 'fashion-mnist');
INSERT INTO run VALUES (4, 1, 'SimCLR, resnet20, Fashion-MNIST', 'the first', 'finished', '',
  '{"data":{"path":"fashion-mnist","limit":0},"method":{"name":"simclr","temperature":0.2},"train":{"epochs":3.0}}',
  '2024-05-06T07:08:09Z', 123.5, 200, 3.0,
  '{"steps":200,"steps_per_epoch":66,"train_images":16896,"parameters":272474,"feature_dimensions":64,"device":"CPU, 2 threads"}',
  1, 'boot/17/99');
INSERT INTO metric VALUES (4, 'loss', 1, 0, 0.015, 0.5, 6.25), (4, 'loss', 2, 0, 0.030, 1.0, NULL),
  (4, 'knn', 66, 1, 1.0, 40.0, 0.5);
INSERT INTO checkpoint VALUES (1, 4, 'runs/4/step-200.safetensors', 'abc', 200, 3.0, '2024-05-06T08:00:00Z');
INSERT INTO evaluation VALUES (1, 4, 'knn', 'accuracy', 0.75, '{"k":20}', '2024-05-06T08:00:01Z');
INSERT INTO map VALUES (1, 4, 'pca', '{}', x'07000000000000000900000000000000',
  x'0000803F00000040000040C000000000', '2024-05-06T08:00:02Z');
INSERT INTO tag VALUES (4, 'baseline'), (4, 'paper');
PRAGMA user_version = 1;
