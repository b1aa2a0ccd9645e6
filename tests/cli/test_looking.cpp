// health, search, map and bench, as a person or a machine calls them.
#include <QImage>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include "core/exchange/npy.h"
#include "tests/cli/program.h"

class TestLooking : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  selfsight::Answer ask(const QString& words) const {
    return selfsight::ask_verb(selfsight::words_of(words),
                               folder_.filePath(QStringLiteral("store")));
  }

  QString save(const char* name, std::int64_t rows, std::vector<float> values) const {
    const QString path = folder_.filePath(QLatin1String(name));
    const auto columns = static_cast<std::int64_t>(values.size()) / rows;
    selfsight::save_npy(path.toStdString(), {rows, columns, std::move(values)});
    return path;
  }

  static std::vector<float> ramp(std::size_t size) {
    std::vector<float> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<float>((i * 37) % 101));
    return out;
  }

 private Q_SLOTS:
  void initTestCase() {
    const selfsight::Answer answer = ask(QStringLiteral(
        "train --preset simclr-fashion-quick --data procedural:300 --set train.batch_size=32 "
        "--set views.size=16 --set train.epochs=1 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
  }

  void health_is_told_in_words_and_numbers() {
    const selfsight::Answer answer = ask(QStringLiteral("health 1 --images 40 --views 2 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonObject health = answer.object();
    QVERIFY(!health[QStringLiteral("verdict")].toString().isEmpty());
    for (const char* key : {"rank_me", "effective_rank", "feature_std", "alignment", "lidar"})
      QVERIFY2(health[QLatin1String(key)].toDouble() > 0, key);
    QVERIFY(health[QStringLiteral("uniformity")].toDouble() < 0);
    for (const auto& one :
         ask(QStringLiteral("show 1 --json")).object()[QStringLiteral("evaluations")].toArray()) {
      const QJsonObject kept =
          one[QStringLiteral("protocol")][QStringLiteral("picture")].toObject();
      QCOMPARE(kept.isEmpty(), one[QStringLiteral("metric")] != QStringLiteral("effective_rank"));
      if (kept.isEmpty()) continue;
      QCOMPARE(kept[QStringLiteral("verdict")], health[QStringLiteral("verdict")]);
      QCOMPARE(kept[QStringLiteral("spectrum")].toArray().size(),
               health[QStringLiteral("singular_values")].toArray().size());
      QCOMPARE(kept[QStringLiteral("correlation")].toArray().size(), 64);
    }
    QVERIFY(!ask(QStringLiteral("show 1")).out.contains("spectrum"));
    const selfsight::Answer words = ask(QStringLiteral("health 1 --images 40 --views 0"));
    QVERIFY2(words.status == 0, words.error.constData());
    QVERIFY(words.out.contains("RankMe") && !words.out.contains("LiDAR"));
    QVERIFY(ask(QStringLiteral("show 1")).out.contains("health rank_me"));
  }

  void an_image_is_searched_for() {
    QImage image(20, 30, QImage::Format_RGB888);
    image.fill(Qt::gray);
    const QString file = folder_.filePath(QStringLiteral("asked.png"));
    QVERIFY(image.save(file));
    const selfsight::Answer answer = ask(QStringLiteral("search 1 -k 5 --json --image ") + file);
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonArray found = answer.object()[QStringLiteral("neighbours")].toArray();
    QCOMPARE(found.size(), 5);
    double last = 2;
    for (const auto& one : found) {
      const double similarity = one.toObject()[QStringLiteral("similarity")].toDouble();
      QVERIFY(similarity <= last && similarity >= -1.0001);
      last = similarity;
    }
    // More than there are gives all of them.
    QCOMPARE(ask(QStringLiteral("search 1 -k 1000 --json --image ") + file)
                 .object()[QStringLiteral("neighbours")]
                 .toArray()
                 .size(),
             300);
    const selfsight::Answer none = ask(QStringLiteral("search 1 --image /no/such/file.png"));
    QCOMPARE(none.status, 2);
    QVERIFY(none.error.contains("/no/such/file.png"));
  }

  void a_row_of_a_matrix_is_searched_for() {
    const QString file = save("rows.npy", 4, {1, 0, 0.9F, 0.1F, -1, 0, 0, 1});
    const selfsight::Answer answer =
        ask(QStringLiteral("search --row 0 -k 2 --json --features ") + file);
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonArray found = answer.object()[QStringLiteral("neighbours")].toArray();
    QCOMPARE(found.size(), 2);
    QCOMPARE(found[0][QStringLiteral("row")].toInt(), 1);
    QCOMPARE(found[1][QStringLiteral("row")].toInt(), 3);
    QCOMPARE(found[1][QStringLiteral("similarity")].toDouble(), 0.0);
    const auto refused = [&](const QString& words, const char* says) {
      const selfsight::Answer refusal = ask(words);
      return refusal.status == 2 && refusal.error.contains(says);
    };
    QVERIFY(refused(QStringLiteral("search --features ") + file, "--row"));
    QVERIFY(refused(QStringLiteral("search --row 4 --features ") + file, "it has 4"));
    QVERIFY(refused(QStringLiteral("search 1 --row 1 --features ") + file, "either an encoder"));
    QVERIFY(refused(QStringLiteral("search 1"), "--image"));
  }

  void the_maps_of_all_epochs_are_saved() {
    const QString out = folder_.filePath(QStringLiteral("maps.npy"));
    const QString epochs =
        QStringLiteral("map 1 --method epochs --images 40 --perplexity 5 --iterations 20 --out ");
    const selfsight::Answer answer = ask(epochs + out + QStringLiteral(" --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const auto lines = answer.out.trimmed().split('\n');
    QVERIFY(lines.size() > 1);
    int last_step = -1;
    for (const QByteArray& line : lines) {
      const QJsonObject map = QJsonDocument::fromJson(line).object();
      const int step = map[QStringLiteral("protocol")][QStringLiteral("checkpoint_step")].toInt();
      QVERIFY(step > last_step);
      last_step = step;
      const auto layout = selfsight::load_npy(map[QStringLiteral("file")].toString().toStdString());
      QCOMPARE(layout.rows, 40);
      QCOMPARE(layout.columns, 2);
    }
    QVERIFY(QFile::exists(folder_.filePath(QStringLiteral("maps-01.npy"))));
    const QString table = folder_.filePath(QStringLiteral("maps.csv"));
    QCOMPARE(ask(epochs + table).status, 0);
    QFile csv(table);
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QByteArray text = csv.readAll();
    QVERIFY(text.startsWith("frame,epoch,step,id,x,y\n1,0,0,"));
    QCOMPARE(text.count('\n'), 1 + 40 * lines.size());
    QCOMPARE(ask(epochs + table + QStringLiteral(" --step 0")).status, 2);
    QCOMPARE(ask(QStringLiteral("map --method epochs --features x.npy")).status, 2);
  }

  void images_are_grouped() {
    const selfsight::Answer answer = ask(QStringLiteral("clusters 1 --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const double purity = answer.object()[QStringLiteral("purity")].toDouble();
    QVERIFY(purity > 0.1 && purity <= 1);
    const selfsight::Answer many = ask(QStringLiteral("clusters 1 -k 99999"));
    QCOMPARE(many.status, 2);
    QVERIFY2(many.error.contains("ask for fewer"), many.error.constData());
  }

  void a_matrix_is_mapped_or_refused() {
    const QString good = save("good.npy", 120, ramp(120 * 4));
    const selfsight::Answer answer =
        ask(QStringLiteral("map --iterations 20 --json --features ") + good);
    QVERIFY2(answer.status == 0, answer.error.constData());
    QCOMPARE(answer.object()[QStringLiteral("points")].toInt(), 120);
    QVERIFY(answer.object()[QStringLiteral("kl")].toDouble() > 0);

    const selfsight::Answer few =
        ask(QStringLiteral("map --features ") + save("few.npy", 50, ramp(200)));
    QCOMPARE(few.status, 2);
    QVERIFY2(few.error.contains("lower the perplexity"), few.error.constData());
    auto broken = ramp(120 * 4);
    broken[17] = std::nanf("");
    for (const char* method : {"tsne", "pca"}) {
      const selfsight::Answer nan =
          ask(QStringLiteral("map --method %1 --features ").arg(QLatin1String(method)) +
              save("nan.npy", 120, broken));
      QCOMPARE(nan.status, 2);
      QVERIFY2(nan.error.contains("not finite"), nan.error.constData());
    }
    const selfsight::Answer constant =
        ask(QStringLiteral("map --iterations 20 --json --features ") +
            save("constant.npy", 120, std::vector<float>(480, 1.0F)));
    QVERIFY2(constant.status == 0, constant.error.constData());
  }

  void the_map_is_measured() {
    const selfsight::Answer answer =
        ask(QStringLiteral("bench map --iterations 10 --trustworthiness --json "
                           "--features ") +
            save("measured.npy", 200, ramp(200 * 4)));
    QVERIFY2(answer.status == 0, answer.error.constData());
    QCOMPARE(answer.object()[QStringLiteral("iterations")].toInt(), 10);
    QVERIFY(answer.object()[QStringLiteral("seconds")].toDouble() > 0);
  }
};

QTEST_GUILESS_MAIN(TestLooking)
#include "test_looking.moc"
