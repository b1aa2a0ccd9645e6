#include <QTest>
#include <cmath>

#include "core/history/schema.h"
#include "tests/history/stores.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

std::string nested(std::size_t depth) {
  return "{\"a\": " + std::string(depth, '[') + std::string(depth, ']') + "}";
}

}  // namespace

class TestStore : public StoreTest {
  Q_OBJECT

 private Q_SLOTS:
  void a_run_is_read_back_as_it_was_written() {
    const fs::path folder = fresh();
    Settings settings(run_schema("simclr"));
    settings.set("train.epochs", 7.5);
    const std::int64_t id = Store(folder).create_run("first", settings, *squares_);
    {
      Store store(folder);
      store.set_shape(id, {100, 25, 3200, 272474, 64, "CPU, 2 threads"});
      store.set_progress(id, 50, 2, 12.25);
      store.rename_run(id, "renamed");
      store.set_note(id, "it's \"quoted\"; DROP TABLE run");
      store.set_tags(id, {"b", "a", "b"});
      store.set_archived(id, true);
      store.set_status(id, RunStatus::failed, "the disk was full");
    }
    const Run run = Store(folder).run(id);
    QCOMPARE(run.name, std::string("renamed"));
    QCOMPARE(run.note, std::string("it's \"quoted\"; DROP TABLE run"));
    QCOMPARE(to_string(run.status), std::string("failed"));
    QCOMPARE(run.reason, std::string("the disk was full"));
    QVERIFY(run.settings == settings);
    QCOMPARE(run.dataset_name, squares_->name());
    QCOMPARE(run.dataset_location, squares_->location());
    QCOMPARE(run.dataset_fingerprint, squares_->fingerprint());
    QCOMPARE(run.created.size(), std::string("2024-05-06T07:08:09Z").size());
    QCOMPARE(run.step, 50);
    QCOMPARE(run.steps, 100);
    QCOMPARE(run.epoch, 2.0);
    QCOMPARE(run.active_seconds, 12.25);
    QCOMPARE(run.shape.parameters, 272474);
    QCOMPARE(run.shape.device, std::string("CPU, 2 threads"));
    QVERIFY(run.archived);
    QCOMPARE(run.tags, (std::vector<std::string>{"a", "b"}));
  }

  void a_summary_leaves_out_what_is_no_number() {
    Store store(fresh());
    const auto run = a_run(store);
    QVERIFY(!store.summary(run, "loss").last);
    store.add_metrics(run, {{"loss", {1, 0.1, 1, 0, 2.5}},
                            {"loss", {2, 0.2, 2, 0, 1.5}},
                            {"loss", {3, 0.3, 3, 0, 2.0}},
                            {"loss", {4, 0.4, 4, 0, std::nan("")}},
                            {"knn", {1, 0.1, 1, 0, 9}}});
    const MetricSummary loss = store.summary(run, "loss");
    QCOMPARE(loss.least, std::optional(1.5));
    QCOMPARE(loss.greatest, std::optional(2.5));
    QVERIFY(loss.last && std::isnan(*loss.last));
  }

  void a_deleted_run_takes_its_numbers_and_files_along_and_no_other() {
    Store store(fresh());
    const auto first = a_run(store), second = a_run(store);
    for (const auto run : {first, second}) {
      store.add_metrics(run, {{"loss", {1, 0.1, 1, 0, 2.5}}});
      write_file(store.run_folder(run) / "note.txt", std::string_view("x"));
    }
    QVERIFY(contains(refusal([&] { store.delete_run(first); }), "training"));
    store.set_status(first, RunStatus::stopped);
    const fs::path files = store.run_folder(first);
    store.delete_run(first);
    QVERIFY(!fs::exists(files));
    QVERIFY(store.metric(first, "loss").empty());
    QVERIFY(refusal([&] { store.run(first); }).size());
    QCOMPARE(store.metric(second, "loss").size(), std::size_t(1));
    QVERIFY(fs::exists(store.run_folder(second) / "note.txt"));
  }

  void what_is_nested_without_end_breaks_nothing() {
    const std::string deep = nested(100'000);
    QCOMPARE(short_protocol({0, 1, "knn", "accuracy", 1, deep, {}}), std::string("{}"));
    QCOMPARE(short_protocol({0, 1, "knn", "accuracy", 1, nested(60), {}}).size(),
             nested(60).size() - 1);  // without the space
    const fs::path folder = fresh();
    make_database(folder, version_1() + "UPDATE run SET settings = '" + deep + "', shape = '" +
                              deep + "'; UPDATE map SET protocol = '" + deep + "';");
    Store store(folder);
    const Run run = store.run(4);
    QVERIFY(run.settings.get<double>("train.epochs") > 0);
    QCOMPARE(images_of_map(store.map_heads(4).at(0), run), run.dataset_fingerprint);
  }

  void paths_need_not_be_utf8() {
    Store store(fresh());
    Settings settings(run_schema("simclr"));
    settings.set("encoder.weights", std::string("/caf\xE9/encoder.safetensors"));
    const auto run = store.create_run("a run", settings, *squares_);
    QCOMPARE(store.run(run).settings.get<std::string>("encoder.weights"),
             std::string("/caf\uFFFD/encoder.safetensors"));
  }

  void runs_come_newest_last_and_unknown_ones_are_refused() {
    Store store(fresh());
    const auto first = a_run(store), second = a_run(store);
    const auto runs = store.runs();
    QCOMPARE(runs.size(), std::size_t(2));
    QCOMPARE(runs.front().id, first);
    QCOMPARE(runs.back().id, second);
    QVERIFY(contains(refusal([&] { store.run(99); }), "99"));
    QVERIFY(refusal([&] { store.claim_run(99); }).size());
    QVERIFY(refusal([&] { store.set_note(99, "x"); }).size());
    QVERIFY_EXCEPTION_THROWN(store.add_evaluation({0, 99, "knn", "accuracy", 1, "{}", {}}), Error);
  }

  void metrics_are_kept_once_and_not_numbers_stay_so() {
    Store store(fresh());
    const auto run = a_run(store);
    store.add_metrics(run, {{"loss", {2, 0.2, 1, 0, 5}},
                            {"loss", {1, 0.1, 0.5, 0, 6}},
                            {"knn", {2, 0.2, 1, 0, 0.5}},
                            {"loss", {3, 0.3, 1.5, 0, std::nan("")}},
                            {"lr", {3, 0.3, 1.5, 0, INFINITY}}});
    store.add_metrics(run, {{"loss", {2, 9, 9, 0, 9}}, {"loss", {3, 0.3, 2.5, 1, 4}}});
    const auto loss = store.metric(run, "loss");
    QCOMPARE(loss.size(), std::size_t(4));
    QCOMPARE(loss[0].value, 6.0);
    QCOMPARE(loss[1].value, 5.0);
    QCOMPARE(loss[1].seconds, 1.0);
    QVERIFY(std::isnan(loss[2].value));
    QCOMPARE(loss[3].segment, 1);
    QVERIFY(std::isinf(store.metric(run, "lr")[0].value));
    QCOMPARE(store.metric_names(run), (std::vector<std::string>{"knn", "loss", "lr"}));
    QCOMPARE(store.metric_names(run + 1), std::vector<std::string>{});
    store.drop_metrics_after(run, 1);
    QCOMPARE(store.metric_names(run), std::vector<std::string>{"loss"});
    QCOMPARE(store.metric(run, "loss").size(), std::size_t(1));
  }

  void checkpoints_follow_a_store_that_moves() {
    const fs::path folder = fresh(), moved = fresh();
    std::int64_t run = 0;
    {
      Store store(folder);
      run = a_run(store);
      const fs::path home = store.run_folder(run);
      write_file(home / "old.safetensors", "1");
      write_file(home / "new.safetensors", "2");
      store.add_checkpoint(run, {home / "new.safetensors", "bb", 20, 2});
      store.add_checkpoint(run, {home / "old.safetensors", "aa", 10, 1});
      store.add_checkpoint(run, {home / "gone.safetensors", "cc", 30, 3});
      store.add_checkpoint(run, {home / "old.safetensors", "aa", 10, 1});
      QCOMPARE(store.checkpoints(run).size(), std::size_t(2));
      QCOMPARE(store.runs_with_checkpoints(), std::vector{run});
    }
    fs::rename(folder, moved);
    const auto found = Store(moved).checkpoints(run);
    QCOMPARE(found.size(), std::size_t(2));
    QCOMPARE(found[0].info.sha256, std::string("aa"));
    QCOMPARE(read_text(found[1].info.file), std::string("2"));
    QCOMPARE(found[1].info.step, 20);
  }

  void evaluations_and_maps_are_read_back() {
    Store store(fresh());
    const auto run = a_run(store);
    store.add_evaluation({0, run, "knn", "accuracy", 0.75, R"({"k":20})", {}});
    const auto evaluation = store.evaluations(run).at(0);
    QCOMPARE(evaluation.value, 0.75);
    QCOMPARE(evaluation.protocol, std::string(R"({"k":20})"));
    StoredMap map;
    map.run = run;
    map.method = "tsne";
    map.ids = {7, std::int64_t(1) << 40};
    map.xy = {1, 2, -3, 0.5f};
    map.id = store.add_map(map);
    a_run(store);  // without a map
    QCOMPARE(store.runs_with_maps(), std::vector<std::int64_t>{run});
    const auto read = store.maps(run).at(0);
    QCOMPARE(read.id, map.id);
    QCOMPARE(read.ids, map.ids);
    QCOMPARE(read.xy, map.xy);
    map.protocol = R"({"dataset_fingerprint":"others"})";
    const auto second = store.add_map(map);
    const auto heads = store.map_heads(run);
    QCOMPARE(heads.size(), std::size_t{2});
    QCOMPARE(heads[1].id, second);
    QCOMPARE(heads[1].method, map.method);
    QVERIFY(heads[1].ids.empty());
    QCOMPARE(images_of_map(heads[0], store.run(run)), store.run(run).dataset_fingerprint);
    QCOMPARE(images_of_map(heads[1], store.run(run)), std::string("others"));
    QCOMPARE(store.map(second).xy, map.xy);
    QVERIFY_EXCEPTION_THROWN(store.map(second + 1), InputError);
  }

  void a_store_of_version_1_is_read() {
    const fs::path folder = fresh();
    make_database(folder, version_1());
    Store store(folder);
    const Run run = store.run(4);
    QCOMPARE(run.note, std::string("the first"));
    QCOMPARE(to_string(run.status), std::string("finished"));
    QCOMPARE(run.settings.get<double>("method.temperature"), 0.2);
    QCOMPARE(run.settings.get<double>("train.epochs"), 3.0);
    QCOMPARE(run.steps, 200);
    QCOMPARE(run.tags, (std::vector<std::string>{"baseline", "paper"}));
    QVERIFY(std::isnan(store.metric(4, "loss").at(1).value));
    QCOMPARE(store.metric(4, "knn").at(0).segment, 1);
    QCOMPARE(store.evaluations(4).at(0).value, 0.75);
    QCOMPARE(store.maps(4).at(0).ids, (std::vector<std::int64_t>{7, 9}));
    QCOMPARE(store.maps(4).at(0).xy, (std::vector<float>{1, 2, -3, 0}));
  }

  void an_older_database_is_copied_then_migrated() {
    const fs::path folder = fresh();
    make_database(folder, version_1());
    SQLite::Database database(folder / "selfsight.db", SQLite::OPEN_READWRITE);
    const auto version = [](SQLite::Database& db) {
      return db.execAndGet("PRAGMA user_version").getInt();
    };
    std::vector<const char*> steps{migrations().front(), "ALTER TABLE run ADD COLUMN stars",
                                   "UPDATE run SET stars = 5"};
    migrate(database, folder, steps);
    QCOMPARE(version(database), 3);
    QCOMPARE(database.execAndGet("SELECT stars FROM run").getInt(), 5);
    SQLite::Database copy(folder / "selfsight.db.bak-v1");
    QCOMPARE(version(copy), 1);
    QCOMPARE(copy.execAndGet("SELECT note FROM run").getString(), std::string("the first"));
    QVERIFY(!copy.execAndGet("SELECT COUNT(*) FROM pragma_table_info('run') WHERE name = 'stars'")
                 .getInt());

    // A step that fails half-way leaves no trace.
    steps.push_back("DELETE FROM tag; SELECT no_such_column FROM run");
    QVERIFY_EXCEPTION_THROWN(migrate(database, folder, steps), SQLite::Exception);
    QCOMPARE(version(database), 3);
    QCOMPARE(database.execAndGet("SELECT COUNT(*) FROM tag").getInt(), 2);
  }

  void each_program_makes_a_copy_of_its_own() {
    const fs::path folder = fresh();
    make_database(folder, version_1());
    const fs::path theirs = folder / "selfsight.db.bak-v1.part";
    write_file(theirs, "half a copy");
    { const Store store(folder); }
    QCOMPARE(read_text(theirs), std::string("half a copy"));
    QVERIFY(fs::is_regular_file(folder / "selfsight.db.bak-v1"));
  }

  void a_copy_that_finds_no_place_goes_away() {
    const fs::path folder = fresh();
    make_database(folder, version_1());
    fs::create_directories(folder / "selfsight.db.bak-v1");
    QVERIFY_EXCEPTION_THROWN(Store{folder}, Error);
    for (const auto& entry : fs::directory_iterator(folder))
      QVERIFY2(!contains(entry.path().string(), ".part"), entry.path().c_str());
  }

  void what_is_not_a_store_is_refused_and_left_alone_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("word");
    QTest::newRow("short text") << QByteArray("hello") << "not a Selfsight store";
    QTest::newRow("long text") << QByteArray("hello\n").repeated(5000) << "not a Selfsight store";
    const fs::path newer = fresh(), other = fresh(), torn = fresh();
    const auto bytes = [](const fs::path& folder) {
      const std::string text = read_text(folder / "selfsight.db");
      return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    };
    make_database(newer, version_1() + "PRAGMA user_version = 99;");
    QTest::newRow("newer version") << bytes(newer) << "newer Selfsight";
    make_database(other, "CREATE TABLE recipe (name TEXT);");
    QTest::newRow("another program") << bytes(other) << "another program";
    make_database(torn, version_1());
    QTest::newRow("cut off") << bytes(torn).left(5000) << "damaged";
  }
  void what_is_not_a_store_is_refused_and_left_alone() {
    QFETCH(QByteArray, content);
    QFETCH(QString, word);
    const fs::path folder = fresh();
    fs::create_directories(folder);
    write_file(folder / "selfsight.db", content.toStdString());
    const std::string message = refusal([&] { Store store(folder); });
    QVERIFY2(contains(message, word.toStdString()), message.c_str());
    QCOMPARE(read_text(folder / "selfsight.db"), content.toStdString());
  }

  void a_folder_that_cannot_be_made_is_refused() {
    const fs::path file = fresh();
    write_file(file, "a file");
    QVERIFY(refusal([&] { Store store(file); }).size());
    QVERIFY(refusal([&] { Store store(file / "below"); }).size());
    QVERIFY(refusal([&] { Store store("/proc/no-one-writes-here"); }).size());
    fs::create_directories(fresh() / "selfsight.db");
    QVERIFY(refusal([&] {
              Store store(fs::path(folder_.path().toStdString()) /
                          ("Läufe äöü " + std::to_string(made_ - 1)));
            }).size());
  }

  void options_of_another_version_do_not_hide_a_run() {
    const fs::path folder = fresh();
    make_database(folder,
                  version_1() +
                      R"(UPDATE run SET settings = '{"method":{"name":"simclr","temperature":0.3,
                      "glow":1},"train":{"epochs":-5,"seed":9},"data":7,"views":{"mean":[0.1,0.2]}}';
                      INSERT INTO run SELECT 5, dataset, name, note, status, reason,
                      '{"method":{"name":"telepathy","strength":2},"train":{"seed":3}}', created,
                      active_seconds, step, epoch, '{"steps":"many"}', archived, process FROM run;
                      INSERT INTO run SELECT 6, dataset, name, note, status, reason, 'not json',
                      created, active_seconds, step, epoch, '[', archived, process FROM run
                      WHERE id = 4;)");
    const auto runs = Store(folder).runs();
    QCOMPARE(runs.size(), std::size_t(3));
    QCOMPARE(runs[0].settings.get<double>("method.temperature"), 0.3);
    QCOMPARE(runs[0].settings.get<std::int64_t>("train.seed"), 9);
    QVERIFY(runs[0].settings.get<double>("train.epochs") > 0);
    QCOMPARE(runs[1].settings.get<std::string>("method.name"), std::string("telepathy"));
    QCOMPARE(runs[1].settings.get<std::int64_t>("train.seed"), 3);
    QVERIFY_EXCEPTION_THROWN(run_spec(runs[1].settings), InputError);
  }
};

SELFSIGHT_SUITE(TestStore, QCoreApplication);
#include "test_store.moc"
