// health, search, map and bench, as a person or a machine calls them.
#include <QImage>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include "core/exchange/npy.h"
#include "core/history/store.h"
#include "tests/cli/program.h"
#include "tests/suite.h"

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

  void without_a_map_nothing_is_placed() {
    const selfsight::Answer answer = ask(QStringLiteral("map 1 --place procedural:20 --out ") +
                                         folder_.filePath(QStringLiteral("early.csv")));
    QCOMPARE(answer.status, 2);
    QVERIFY2(answer.error.contains("has no t-SNE map"), answer.error.constData());
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
    QVERIFY2(none.error.contains("/no/such/file.png cannot be searched for: it could not be read "
                                 "(No such file or directory). Name another"),
             none.error.constData());
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
    const auto images = [](const selfsight::Answer& told) {
      return told.lines()
          .first()[QStringLiteral("protocol")][QStringLiteral("dataset_fingerprint")]
          .toString();
    };
    const selfsight::Answer foreign = ask(epochs + folder_.filePath(QStringLiteral("foreign.csv")) +
                                          QStringLiteral(" --data procedural:250 --json"));
    QVERIFY2(foreign.status == 0, foreign.error.constData());
    QVERIFY(!images(answer).isEmpty() && !images(foreign).isEmpty());
    QVERIFY(images(answer) != images(foreign));
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

  void the_images_of_a_split_are_mapped_and_grouped() {
    const auto protocol = [&](const QString& words) {
      const selfsight::Answer answer = ask(words + QStringLiteral(" --json"));
      return answer.object()[QStringLiteral("protocol")].toObject();
    };
    const QJsonObject all = protocol(QStringLiteral("map 1 --method pca --split all"));
    QCOMPARE(all[QStringLiteral("images")].toInt(), 300);
    QCOMPARE(all[QStringLiteral("splits")].toString(),
             QStringLiteral("train, validation and test"));
    const QJsonObject held_out = protocol(QStringLiteral("map 1 --method pca"));
    const QJsonObject train = protocol(QStringLiteral("map 1 --method pca --split train"));
    QCOMPARE(held_out[QStringLiteral("splits")].toString(), QStringLiteral("validation and test"));
    QCOMPARE(train[QStringLiteral("splits")].toString(), QStringLiteral("train"));
    QCOMPARE(train[QStringLiteral("of")].toInt() + held_out[QStringLiteral("of")].toInt(), 300);
    QCOMPARE(protocol(QStringLiteral("clusters 1 --split all"))[QStringLiteral("images")].toInt(),
             300);
    QCOMPARE(protocol(QStringLiteral(
                 "map 1 --method epochs --split train --images 40 "
                 "--perplexity 5 --iterations 20 --frames 1"))[QStringLiteral("splits")]
                 .toString(),
             QStringLiteral("train"));
  }

  void the_options_of_tsne_are_set() {
    const QString map = QStringLiteral("map 1 --images 40 --iterations 20 --json --set ");
    const selfsight::Answer answer =
        ask(map + QStringLiteral("tsne.early_exaggeration=4 --set tsne.perplexity=9 --perplexity 5 "
                                 "--set tsne.pca_components=8"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonObject protocol = answer.object()[QStringLiteral("protocol")].toObject();
    const std::pair<const char*, double> values[] = {
        {"early_exaggeration", 4}, {"perplexity", 5}, {"iterations", 20}, {"pca_components", 8}};
    for (const auto& [key, value] : values)
      QVERIFY2(protocol[QStringLiteral("tsne")][QLatin1String(key)].toDouble() == value, key);
    QCOMPARE(protocol[QStringLiteral("perplexity")].toDouble(), 5.0);
    QCOMPARE(ask(map + QStringLiteral("tsne.no_such_option=1")).status, 2);
    const selfsight::Answer pca = ask(map + QStringLiteral("tsne.theta=1 --method pca"));
    QCOMPARE(pca.status, 2);
    QVERIFY2(pca.error.contains("--set is for t-SNE"), pca.error.constData());
    const selfsight::Answer steps = ask(QStringLiteral("map 1 --method pca --iterations 20"));
    QCOMPARE(steps.status, 2);
    QVERIFY2(steps.error.contains("--iterations are for t-SNE"), steps.error.constData());
  }

  void principal_components_tell_what_they_explain() {
    const selfsight::Answer run = ask(QStringLiteral("map 1 --method pca"));
    QVERIFY2(run.out.startsWith("Mapped ") && run.out.contains("variance explained "),
             run.out.constData());
    const selfsight::Answer matrix = ask(QStringLiteral("map --method pca --features ") +
                                         save("plane.npy", 4, {1, 0, -1, 0, 0, 0.5F, 0, -0.5F}));
    QVERIFY2(matrix.out.contains("variance explained 80.0 % + 20.0 %"), matrix.out.constData());
  }

  void pictures_are_placed_into_the_newest_map() {
    const QString pictures = folder_.filePath(QStringLiteral("pictures"));
    QVERIFY(QDir().mkpath(pictures));
    for (const auto& [name, colour] : {std::pair("a.png", Qt::red), std::pair("b.png", Qt::gray),
                                       std::pair("c.png", Qt::darkBlue)}) {
      QImage image(20, 30, QImage::Format_RGB888);
      image.fill(colour);
      QVERIFY(image.save(pictures + QLatin1Char('/') + QLatin1String(name)));
    }
    QFile broken(pictures + QStringLiteral("/broken.png"));
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("no picture") > 0);
    broken.close();
    const QString place = QStringLiteral("map 1 --place ") + pictures + QStringLiteral(" --out ");
    const QString csv = folder_.filePath(QStringLiteral("places.csv"));
    const QString npy = folder_.filePath(QStringLiteral("places.npy"));
    QCOMPARE(ask(QStringLiteral("map 1 --images 40 --perplexity 5 --iterations 20")).status, 0);
    const selfsight::Answer answer = ask(place + csv + QStringLiteral(" --json"));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonObject told = answer.object();
    const std::pair<const char*, int> numbers[] = {
        {"run", 1}, {"mapped", 40}, {"perplexity", 5}, {"placed", 3}, {"left_out", 1}};
    for (const auto& [key, value] : numbers)
      QVERIFY2(told[QLatin1String(key)].toInt() == value, answer.out.constData());
    QCOMPARE(told[QStringLiteral("file")].toString(), csv);
    QFile table(csv);
    QVERIFY(table.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = table.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 1 + 3);
    QCOMPARE(lines.first(), QByteArray("id,name,label,x,y"));
    QVERIFY2(lines[1].startsWith("0,\"a.png\",\"\","), lines[1].constData());

    const selfsight::Answer words = ask(place + npy);
    QVERIFY2(words.status == 0, words.error.constData());
    QVERIFY2(words.out.startsWith("Placed 3 images of pictures into map "), words.out.constData());
    QVERIFY2(words.out.contains("1 image is left out"), words.out.constData());
    const auto places = selfsight::load_npy(npy.toStdString());
    QCOMPARE(places.rows, 3);
    QCOMPARE(places.columns, 2);
    for (std::size_t i = 0; i < 3; ++i) {
      const QList<QByteArray> cells = lines[static_cast<qsizetype>(i) + 1].split(',');
      QCOMPARE(cells[3].toFloat(), places.values[2 * i]);
      QCOMPARE(cells[4].toFloat(), places.values[2 * i + 1]);
    }
  }

  void what_cannot_be_placed_is_refused() {
    const auto refused = [&](const QString& words, const char* says) {
      const selfsight::Answer refusal = ask(words);
      return refusal.status == 2 && refusal.error.contains(says);
    };
    const QString out = QStringLiteral(" --out ") + folder_.filePath(QStringLiteral("refused.csv"));
    const QString place = QStringLiteral(" --place procedural:30");
    QVERIFY(refused(QStringLiteral("map") + place + out, "Name the run"));
    QVERIFY(refused(QStringLiteral("map 99") + place + out, "99"));
    QVERIFY(refused(QStringLiteral("map 1") + place, "--out"));
    QVERIFY(refused(QStringLiteral("map 1 --out places.txt") + place, ".csv or .npy"));
    QVERIFY(refused(QStringLiteral("map 1 --method pca") + place + out, "--method"));
    QVERIFY(refused(QStringLiteral("map 1 --place /no/such/folder") + out, "/no/such/folder"));
    selfsight::StoredMap map;
    map.run = 1;
    map.method = "tsne";
    map.protocol = R"({"checkpoint_step":123456})";
    map.ids = {0, 1, 2, 3};
    map.xy = {0, 0, 1, 0, 0, 1, 1, 1};
    selfsight::Store(folder_.filePath(QStringLiteral("store")).toStdString()).add_map(map);
    QVERIFY(refused(QStringLiteral("map 1") + place + out, "is not kept any more"));
    QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("refused.csv"))));
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

  void a_matrix_has_health_and_groups() {
    const QString file = folder_.filePath(QStringLiteral("held-out.npy"));
    const selfsight::Answer saved =
        ask(QStringLiteral("features 1 --split validation --out ") + file);
    QVERIFY2(saved.status == 0, saved.error.constData());
    const QJsonObject there = ask(QStringLiteral("health 1 --views 0 --json")).object();
    const selfsight::Answer health = ask(QStringLiteral("health --json --features ") + file);
    QVERIFY2(health.status == 0, health.error.constData());
    for (const char* number : {"images", "dimensions", "rank_me", "effective_rank", "uniformity"})
      QCOMPARE(health.object()[QLatin1String(number)].toDouble(),
               there[QLatin1String(number)].toDouble());
    QVERIFY(health.object()[QStringLiteral("alignment")].isNull());

    const QString rows = save("pairs.npy", 4, {1, 0, 0.9F, 0.1F, 0, 1, 0.1F, 0.9F});
    const selfsight::Answer parted = ask(QStringLiteral("clusters -k 2 --json --features ") + rows);
    QVERIFY2(parted.status == 0, parted.error.constData());
    const QJsonArray groups = parted.object()[QStringLiteral("groups")].toArray();
    QCOMPARE(groups.size(), 4);
    QVERIFY(groups[0] == groups[1] && groups[2] == groups[3] && groups[0] != groups[2]);
    for (const char* wrong : {"health 1 --features ", "clusters 1 --features ",
                              "health --images 9 --features ", "clusters -k 5 --features "})
      QCOMPARE(ask(QLatin1String(wrong) + rows).status, 2);
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

  void views_are_measured() {
    for (const char* flag : {"", " --decode"}) {
      const selfsight::Answer answer = selfsight::ask_program(
          selfsight::words_of(QStringLiteral("bench views --preset simclr-fashion-quick --data "
                                             "procedural:100 --seconds 0.1 --json") +
                              QLatin1String(flag)),
          folder_.filePath(QStringLiteral("untouched")));
      QVERIFY2(answer.status == 0, answer.error.constData());
      const QJsonObject object = answer.object();
      QVERIFY(object[QStringLiteral("views_per_second")].toDouble() > 0);
      QCOMPARE(object[QStringLiteral("size")].toInt(), 28);
      QCOMPARE(object[QStringLiteral("decode")].toBool(), *flag != 0);
    }
  }

  void what_a_run_would_cost_is_told() {
    const selfsight::Answer answer = selfsight::ask_program(
        selfsight::words_of(
            QStringLiteral("train --estimate --preset simclr-fashion-quick --data procedural:300 "
                           "--json --set train.batch_size=16 --set views.size=16 "
                           "--set encoder.name=resnet8 --set train.epochs=3")),
        folder_.filePath(QStringLiteral("estimated")));
    QVERIFY2(answer.status == 0, answer.error.constData());
    const QJsonObject cost = answer.object();
    const int steps = cost[QStringLiteral("steps")].toInt();
    QCOMPARE(steps, 3 * cost[QStringLiteral("steps_per_epoch")].toInt());
    const double total = cost[QStringLiteral("total_seconds")].toDouble();
    QVERIFY(total > steps * cost[QStringLiteral("step_seconds")].toDouble());
    QVERIFY(std::abs(3 * cost[QStringLiteral("epoch_seconds")].toDouble() - total) < 1e-6);
    QVERIFY(cost[QStringLiteral("peak_bytes")].toDouble() > 1e6);
    const QDir left(folder_.filePath(QStringLiteral("estimated/runs")));
    QVERIFY(left.entryList(QDir::AllEntries | QDir::NoDotAndDotDot).isEmpty());
  }

  void training_is_measured_with_its_history_and_without() {
    for (const char* flag : {"", " --history"}) {
      // Its own process: the measurement ends in a stop, which this one would still have heard.
      const selfsight::Answer answer = selfsight::ask_program(
          selfsight::words_of(
              QStringLiteral("bench train --preset simclr-fashion-quick --data procedural:300 "
                             "--seconds 0.1 --json --set train.batch_size=16 --set views.size=16 "
                             "--set encoder.name=resnet8") +
              QLatin1String(flag)),
          folder_.filePath(QStringLiteral("untouched")));
      QVERIFY2(answer.status == 0, answer.error.constData());
      const int steps = answer.object()[QStringLiteral("steps")].toInt();
      QVERIFY(steps > 0);
      const int kept = answer.object()[QStringLiteral("history_steps")].toInt();
      if (*flag)
        QVERIFY2(kept > steps, qPrintable(QString::number(kept)));  // those of the warming up, too
      else
        QCOMPARE(kept, 0);
      QVERIFY(!QFileInfo::exists(folder_.filePath(QStringLiteral("untouched"))));
    }
  }
};

SELFSIGHT_SUITE(TestLooking, QCoreApplication);
#include "test_looking.moc"
