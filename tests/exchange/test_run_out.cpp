// What leaves of a run besides its encoder, and a run that comes back.
#include <QDateTime>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/card.h"
#include "core/exchange/records.h"
#include "core/exchange/run_archive.h"
#include "core/probes/frozen.h"
#include "tests/dataset/archives.h"
#include "tests/full_disk.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

/// The same images as another person has them.
class MySquares : public Squares {
 public:
  using Squares::Squares;
  std::string name() const override { return "My squares"; }
  std::string location() const override { return "/mine/squares"; }
};

std::string deeply_nested() {
  return "{\"a\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    out.push_back(entry.path().filename().string());
  return out;
}

}  // namespace

class TestRunOut : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path path(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  /// A store with one run in it that was never really trained.
  Store filled(const std::string& name) const {
    Store store(path(name));
    const auto run = store.create_run("A run, \"quoted\"", tiny_run("simclr"), Squares(90, 20));
    store.set_shape(run, {10, 5, 70, 1234, 64, "CPU, 1 thread"});
    store.add_metrics(run, {{"loss", {1, 0.1, 0.5, 0, 3.25}},
                            {"loss", {2, 0.2, 1.5, 0, std::nan("")}},
                            {"knn", {2, 0.2, 1.5, 1, 1.0 / 3}}});
    store.add_evaluation({0, run, "knn", "accuracy", 0.8125, R"({"k":20})", {}});
    store.add_map({0, run, "pca", "{}", {4, 9}, {0.5f, 1, -2, 0.25f}, {}});
    store.set_tags(run, {"first", "good"});
    store.set_note(run, "A note.");
    for (const std::int64_t step : {1, 2}) {
      const auto file =
          store.run_folder(run) / ("step-00000000" + std::to_string(step) + ".safetensors");
      write_file(file, "the weights of step " + std::to_string(step));
      store.add_checkpoint(run, {file, sha256_file(file), step, 0.1 * static_cast<double>(step)});
    }
    store.set_progress(run, 2, 0.2, 1.5);
    store.set_status(run, RunStatus::finished);
    return store;
  }
  static std::string refusal(const std::filesystem::path& file, Store& store) {
    try {
      load_run(file, store);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  /// What the first format said of a run of one checkpoint.
  static nlohmann::json first_format(const std::string& weights) {
    nlohmann::json record = nlohmann::json::parse(R"({
      "format": "selfsight run 1", "name": "Old", "note": "", "tags": [], "status": "finished",
      "reason": "", "active_seconds": 1, "step": 2, "epoch": 0.2,
      "shape": {"steps": 2, "steps_per_epoch": 2, "train_images": 9, "parameters": 3,
                "feature_dimensions": 4, "device": "CPU"},
      "dataset": {"name": "D", "location": "/d", "fingerprint": "f"},
      "checkpoint": {"file": "step-000000002.safetensors", "step": 2, "epoch": 0.2},
      "metrics": {}, "evaluations": [], "maps": []})");
    record["settings"] = nlohmann::json::parse(to_json(tiny_run("simclr")).dump());
    record["checkpoint"]["sha256"] = sha256(std::as_bytes(std::span(weights)));
    return record;
  }
  static std::filesystem::path archive(const Folder& folder, const std::string& name,
                                       const std::string& record, const Bytes& checkpoint) {
    return packed(folder, name,
                  {{"run.json", Bytes(record.begin(), record.end())},
                   {"checkpoint.safetensors", checkpoint}});
  }

 private Q_SLOTS:
  void metrics_as_csv() {
    const Store store = filled("csv");
    save_metrics_csv(path("m.csv"), store, 1);
    const std::string text = read_text(path("m.csv"));
    QVERIFY(text.starts_with("metric,step,epoch,seconds,segment,value\n"));
    QVERIFY(text.find("loss,1,0.1,0.5,0,3.25\n") != std::string::npos);
    QVERIFY(text.find("loss,2,0.2,1.5,0,nan\n") != std::string::npos);
    QVERIFY(text.find("knn,2,0.2,1.5,1,0.3333333333333333\n") != std::string::npos);
  }

  void metrics_for_tensorboard() {
    // The sum of "123456789" is given with the polynomial's definition; the mask is TensorFlow's.
    const std::uint32_t crc = 0xE3069283u;
    QCOMPARE(masked_crc32c("123456789"), (crc >> 15 | crc << 17) + 0xA282EAD8u);
    const Store store = filled("tensorboard");
    save_tensorboard(path("events"), store, 1);
    const std::string bytes = read_text(path("events") / "events.out.tfevents.0.run-1");
    const double created = static_cast<double>(
        QDateTime::fromString(QString::fromStdString(store.run(1).created), Qt::ISODate)
            .toSecsSinceEpoch());
    QVERIFY(created > 1.7e9);
    int records = 0;
    bool scalar = false;
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint64_t length = 0;
      std::uint32_t sum = 0;
      std::memcpy(&length, bytes.data() + at, 8);
      std::memcpy(&sum, bytes.data() + at + 8, 4);
      QCOMPARE(sum, masked_crc32c(std::string_view(bytes).substr(at, 8)));
      QVERIFY(at + 16 + length <= bytes.size());
      const auto data = std::string_view(bytes).substr(at + 12, length);
      std::memcpy(&sum, bytes.data() + at + 12 + length, 4);
      QCOMPARE(sum, masked_crc32c(data));
      // Summary { value { tag: "loss", simple_value: 3.25 } } as protoc encodes it.
      const std::string wanted("\x2a\x0d\x0a\x0b\x0a\x04loss\x15\x00\x00\x50\x40", 15);
      if (data.ends_with(wanted)) {
        double time = 0;
        std::memcpy(&time, data.data() + 1, 8);
        QCOMPARE(time, created + 0.5);
        scalar = true;
      }
      at += 16 + length;
      ++records;
    }
    QCOMPARE(records, 4);
    QVERIFY(scalar);
  }

  void a_card_tells_of_its_own_checkpoint_only() {
    Store store = filled("own card");
    for (const auto& [value, protocol] : {std::pair{0.1, R"({"checkpoint_step":60})"},
                                          {0.2, R"({"checkpoint_step":120})"},
                                          {0.3, R"({"checkpoint_step":120})"}})
      store.add_evaluation({0, 1, "linear", "accuracy", value, protocol, {}});
    const CardEncoder encoder{{.file = {}, .sha256 = {}, .step = 120, .epoch = 1.5},
                              {{0.25}, {0.5}}};
    const auto results = model_card(store, 1, "", encoder).at("results");
    QCOMPARE(results.size(), 2u);  // what does not say of which checkpoint, and the newest of 120
    QCOMPARE(results.at(1).at("value").get<double>(), 0.3);
    QCOMPARE(model_card(store, 1, "").at("results").size(), 3u);
  }

  void a_card_tells_what_was_measured_and_how() {
    const Store store = filled("card");
    const auto card = model_card(
        store, 1, "CC-BY-4.0",
        CardEncoder{{.file = {}, .sha256 = {}, .step = 120, .epoch = 1.5}, {{0.25}, {0.5}}});
    QCOMPARE(card.at("results").at(0).at("value").get<double>(), 0.8125);
    QCOMPARE(card.at("results").at(0).at("protocol").at("k").get<int>(), 20);
    QCOMPARE(card.at("options").at("encoder").at("name").get<std::string>(),
             std::string("resnet20"));
    const std::string text = card_markdown(card);
    for (const char* part :
         {"license: CC-BY-4.0", "| knn accuracy | 0.8125 | {\"k\":20} |", "on Squares", "A note.",
          "| encoder.name | resnet20 |", "| view_size | 8 |", "| mean | [0.25] |",
          "| std | [0.5] |", "| checkpoint_step | 120 |"})
      QVERIFY2(text.find(part) != std::string::npos, part);
    QVERIFY(card_markdown(model_card(store, 1, "")).find("License: not stated") !=
            std::string::npos);
  }

  void a_card_says_whether_labels_were_seen() {
    Store store(path("seen labels"));
    const auto card = [&](const char* method, const char* weights) {
      Settings settings = tiny_run(method);
      settings.set("encoder.weights", std::string(weights));
      const auto run = store.create_run("A run", settings, Squares(90, 20));
      return QString::fromStdString(card_markdown(model_card(store, run, "")));
    };
    const QString alone = card("simclr", ""), taught = card("supcon", "");
    const QString on = card("simclr", "/mine/first.safetensors");
    const QString taught_on = card("supcon", "/mine/first.safetensors");
    QVERIFY(alone.contains(QStringLiteral("pretrained without labels by SimCLR (")));
    QVERIFY(alone.contains(QStringLiteral("tags: [self-supervised, image-feature-extraction]")));
    QVERIFY(taught.contains(QStringLiteral(", trained with the labels of Squares by SupCon")));
    QVERIFY(on.contains(QStringLiteral(
        " on Squares, beginning from first.safetensors, which may have learned from labels. It")));
    QVERIFY(taught_on.contains(QStringLiteral(", beginning from first.safetensors. It")));
    for (const QString& other : {taught, on, taught_on})
      QVERIFY(other.contains(QStringLiteral("tags: [image-feature-extraction]")));
  }

  void a_run_moves_to_another_store() {
    Store store = filled("from");
    store.add_evaluation({0, 1, "knn", "accuracy", std::nan(""), "{}", "2021-02-03T04:05:06Z"});
    save_run(path("run.tar.zst"), store, 1);
    Store other(path("to"));
    other.create_run("Another", tiny_run("mae"), Squares(30, 5));
    QCOMPARE(load_run(path("run.tar.zst"), other), std::int64_t{2});
    const Run before = store.run(1), after = other.run(2);
    QVERIFY(after.settings == before.settings);
    QCOMPARE(after.name, before.name);
    QCOMPARE(after.note, before.note);
    QVERIFY(after.tags == before.tags);
    QCOMPARE(after.step, before.step);
    QCOMPARE(after.active_seconds, before.active_seconds);
    QCOMPARE(after.shape.parameters, before.shape.parameters);
    QCOMPARE(after.dataset_fingerprint, before.dataset_fingerprint);
    QVERIFY(after.status == RunStatus::finished);
    const auto loss = other.metric(2, "loss");
    QCOMPARE(loss.size(), 2u);
    QVERIFY(std::isnan(loss[1].value));
    QCOMPARE(other.metric(2, "knn")[0].value, 1.0 / 3);
    QCOMPARE(after.created, before.created);
    QCOMPARE(other.evaluations(2).front().protocol, store.evaluations(1).front().protocol);
    QVERIFY(std::isnan(other.evaluations(2).back().value));
    QCOMPARE(other.evaluations(2).back().created, std::string("2021-02-03T04:05:06Z"));
    QCOMPARE(other.maps(2).front().created, store.maps(1).front().created);
    QVERIFY(other.maps(2).front().xy == store.maps(1).front().xy);
    const auto kept = other.checkpoints(2);
    QCOMPARE(kept.size(), 2u);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const CheckpointInfo was = store.checkpoints(1)[i].info, is = kept[i].info;
      QCOMPARE(is.step, was.step);
      QCOMPARE(is.epoch, was.epoch);
      QCOMPARE(is.sha256, was.sha256);
      QVERIFY(is.file.parent_path() == other.run_folder(2));
      QCOMPARE(read_text(is.file), read_text(was.file));
    }
  }

  void a_store_keeps_where_it_has_the_images_of_a_run_that_comes() {
    save_run(path("away.tar.zst"), filled("away"), 1);
    Store other(path("home"));
    other.create_run("Mine", tiny_run("simclr"), MySquares(90, 20));
    load_run(path("away.tar.zst"), other);
    for (const Run& run : other.runs()) {
      QCOMPARE(run.dataset_name, std::string("My squares"));
      QCOMPARE(run.dataset_location, std::string("/mine/squares"));
    }
    // One that begins here says where they are now.
    other.create_run("Moved", tiny_run("simclr"), Squares(90, 20));
    QCOMPARE(other.run(1).dataset_location, std::string("squares"));
  }

  void names_need_not_be_utf8() {
    Store store = filled("latin");
    store.rename_run(1, "caf\xE9");
    store.add_evaluation({0, 1, "knn", "accuracy", 0.5, "{\"class\": \"caf\xE9\"}", {}});
    save_run(path("latin.tar.zst"), store, 1);
    Store other(path("of latin"));
    load_run(path("latin.tar.zst"), other);
    QCOMPARE(other.run(1).name, std::string("caf\uFFFD"));
    QCOMPARE(other.evaluations(1).back().protocol, std::string("{\"class\": \"caf\uFFFD\"}"));
  }

  void an_export_that_fails_leaves_what_was_there() {
    const Store store = filled("failing");
    std::filesystem::create_directories(path("kept"));
    const auto out = path("kept") / "run.tar.zst";
    write_file(out, "before");
    const auto weights = store.checkpoints(1).back().info.file;
    std::string noise(2'000'000, ' ');  // that does not pack
    std::mt19937 random(1);
    for (char& c : noise) c = static_cast<char>(random());
    write_file(weights, noise);
    {
      const FullDisk full(1'000'000);
      QVERIFY_EXCEPTION_THROWN(save_run(out, store, 1), Error);
    }
    QCOMPARE(names_in(path("kept")), std::vector<std::string>{"run.tar.zst"});
    // What cannot be read, as what is taken away while it is looked for.
    std::filesystem::remove(weights);
    std::filesystem::create_directories(weights / "below");
    const std::string said = message_of([&] { save_run(out, store, 1); });
    QVERIFY2(said.ends_with("Nothing was written; export the run again."), said.c_str());
    QCOMPARE(names_in(path("kept")), std::vector<std::string>{"run.tar.zst"});
    QCOMPARE(read_text(out), std::string("before"));
  }

  void a_checkpoint_that_is_rewritten_meanwhile_leaves_whole() {
    const Store store = filled("rewritten");
    const auto weights = store.checkpoints(1).back().info.file;
    std::atomic<bool> over = false;
    std::thread trainer([&, beside = path("beside")] {
      for (std::size_t length = 1; !over; length = length % 5000 + 1) {
        std::ofstream(beside) << std::string(length, 'w');
        std::error_code ignored;
        std::filesystem::rename(beside, weights, ignored);
      }
    });
    Store other(path("of rewritten"));
    std::string problem;
    for (int i = 0; i < 10 && problem.empty(); ++i)
      problem = message_of([&] {
        save_run(path("rewritten.tar.zst"), store, 1);
        load_run(path("rewritten.tar.zst"), other);
      });
    over = true;
    trainer.join();
    QCOMPARE(problem, std::string());
    QCOMPARE(other.runs().size(), 10u);
  }

  void the_newest_checkpoint_may_be_enough() {
    const Store store = filled("many");
    save_run(path("newest.tar.zst"), store, 1, KeptCheckpoints::newest);
    Store other(path("one"));
    load_run(path("newest.tar.zst"), other);
    QCOMPARE(other.checkpoints(1).size(), 1u);
    QCOMPARE(read_text(other.checkpoints(1).front().info.file),
             std::string("the weights of step 2"));
  }

  void every_checkpoint_can_be_used_where_it_arrives() {
    Store store(path("trained"));
    Settings settings = tiny_run("simclr");
    settings.set("train.keep_checkpoints", std::int64_t{10});
    const auto squares = std::make_shared<Squares>(90, 20);
    const auto run = store.create_run("Trained", settings, *squares);
    Listener listener;
    train({settings, squares, store.run_folder(run), {}, {}}, listener, listener.control);
    for (const CheckpointInfo& one : listener.checkpoints) store.add_checkpoint(run, one);
    QVERIFY(store.checkpoints(run).size() > 1);
    save_run(path("trained.tar.zst"), store, run);
    Store other(path("arrived"));
    load_run(path("trained.tar.zst"), other);
    const auto there = store.checkpoints(run), here = other.checkpoints(1);
    QCOMPARE(here.size(), there.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      QVERIFY(read_file(here[i].info.file) == read_file(there[i].info.file));
      QVERIFY(FrozenModel::from_checkpoint(here[i].info.file)->identity() ==
              FrozenModel::from_checkpoint(there[i].info.file)->identity());
    }
    Listener again;
    const auto end = train({settings, squares, other.run_folder(1), here.front().info.file, {}},
                           again, again.control);
    QCOMPARE(end.step, there.back().info.step);
  }

  void a_file_of_the_first_format_comes_in() {
    const std::string weights = "old weights";
    nlohmann::json record = first_format(weights);
    const Folder files;
    const auto archived = [&](const std::string& name, const nlohmann::json& json) {
      return archive(files, name, json.dump(), Bytes(weights.begin(), weights.end()));
    };
    Store store(path("of old"));
    load_run(archived("old.tar", record), store);
    QCOMPARE(store.run(1).name, std::string("Old"));
    QCOMPARE(read_text(store.checkpoints(1).front().info.file), weights);
    record["checkpoint"]["file"] = "../step-000000002.safetensors";
    QVERIFY(refusal(archived("out.tar", record), store).find("none") != std::string::npos);
    record["format"] = "selfsight run 2";
    const nlohmann::json one = {{"file", "step-000000009.safetensors"},
                                {"bytes", 9},
                                {"sha256", "0"},
                                {"step", 9},
                                {"epoch", 1}};
    record["checkpoints"] = {one};
    QVERIFY(refusal(archived("lacking.tar", record), store).find("lacks a checkpoint") !=
            std::string::npos);
    record["checkpoints"] = {one, one};
    QVERIFY(refusal(archived("twice.tar", record), store).find("more than once") !=
            std::string::npos);
    QCOMPARE(store.runs().size(), 1u);
  }

  void nothing_of_a_record_is_taken_before_all_of_it_is_right() {
    const Folder files;
    Store store(path("of wrong"));
    const nlohmann::json whole = first_format("w");
    for (const auto& [key, value] : whole.items()) {
      if (key == "metrics") continue;  // none are as good as an empty list of them
      nlohmann::json record = whole;
      record[key] = nlohmann::json::array({nlohmann::json::array()});
      const auto file = archive(files, "wrong.tar", record.dump(), {'w'});
      QVERIFY2(refusal(file, store).ends_with("Nothing was changed."), key.c_str());
      record.erase(key);
      const auto lacking = archive(files, "lacking.tar", record.dump(), {'w'});
      QVERIFY2(refusal(lacking, store).ends_with("Nothing was changed."), key.c_str());
    }
    QVERIFY(store.runs().empty());
  }

  void what_is_nested_without_end_is_refused() {
    const Folder files;
    Store store(path("of deep"));
    const auto said = [&](const std::string& record) {
      return refusal(archive(files, "deep.tar", record, {'w'}), store);
    };
    nlohmann::json record = first_format("w"), measured;
    record["settings"] = "HERE";
    std::string text = record.dump();
    text.replace(text.find("\"HERE\""), 6, deeply_nested());
    QVERIFY(said(text).find("in a way that cannot be read") != std::string::npos);
    record = first_format("w");
    measured["kind"] = "knn";
    measured["metric"] = "accuracy";
    measured["value"] = 0.5;
    measured["protocol"] = deeply_nested();
    record["evaluations"].push_back(measured);
    QVERIFY(said(record.dump()).find("holds a protocol") != std::string::npos);
    record = first_format("w");
    measured["method"] = "pca";
    measured["ids"] = measured["xy"] = nlohmann::json::array();
    record["maps"].push_back(measured);
    QVERIFY(said(record.dump()).find("holds a protocol") != std::string::npos);
    QVERIFY(store.runs().empty());
  }

  void an_import_that_fails_leaves_no_run() {
    const Folder files;
    const std::string weights(4'000'000, 'w');
    const auto file = archive(files, "large.tar", first_format(weights).dump(),
                              Bytes(weights.begin(), weights.end()));
    Store store(path("full"));
    const FullDisk full(2'000'000);
    QVERIFY_EXCEPTION_THROWN(load_run(file, store), Error);
    QVERIFY(store.runs().empty());
    QVERIFY(!std::filesystem::exists(store.folder() / "runs" / "1"));
  }

  void what_is_stopped_leaves_nothing() {
    const Store store = filled("stopping");
    save_run(path("whole to stop.tar.zst"), store, 1);
    std::filesystem::create_directories(path("stopped"));
    Control control;
    control.request_stop();
    QVERIFY_EXCEPTION_THROWN(
        save_run(path("stopped") / "run.tar.zst", store, 1, KeptCheckpoints::all, control),
        Cancelled);
    QVERIFY(names_in(path("stopped")).empty());
    Store other(path("of stopped"));
    QVERIFY_EXCEPTION_THROWN(load_run(path("whole to stop.tar.zst"), other, control), Cancelled);
    QVERIFY(other.runs().empty());
  }

  void bombs_are_not_unpacked() {
    const Folder files;
    Store store(path("of bombs"));
    const nlohmann::json record = first_format("w");
    const std::size_t large = 257'000'000;
    const auto spaces = archive(files, "a.tar.zst", record.dump() + std::string(large, ' '), {'w'});
    const auto zeros = archive(files, "b.tar.zst", record.dump(), Bytes(large));
    for (const auto& [file, most] : {std::pair{spaces, "256 MB"}, std::pair{zeros, "64 MB"}}) {
      QVERIFY(std::filesystem::file_size(file) < 100'000);
      const std::string told = refusal(file, store);
      QVERIFY2(told.find(std::string("unpacks to more than ") + most) != std::string::npos,
               told.c_str());
    }
    // A record is as large in memory where it was not packed.
    const auto plain = archive(files, "c.tar", record.dump() + std::string(large, ' '), {'w'});
    QVERIFY(refusal(plain, store).find("unpacks to more than 256 MB") != std::string::npos);
    QVERIFY(store.runs().empty());
  }

  void a_file_that_is_not_there_is_told_as_such() {
    Store store(path("waiting"));
    QCOMPARE(refusal(path("nowhere.tar"), store),
             "There is no file " + path("nowhere.tar").string() + " to import; see its name.");
  }

  void what_is_no_run_changes_nothing() {
    const Store store = filled("whole");
    save_run(path("whole.tar.zst"), store, 1);
    Store other(path("untouched"));
    auto bytes = read_file(path("whole.tar.zst"));
    bytes.resize(bytes.size() / 2);
    write_file(path("half.tar.zst"), bytes);
    write_file(path("text.tar.zst"), std::string_view("not an archive"));
    Store lying = filled("lying");
    lying.add_map({0, 1, "pca", "{}", {-4}, {0.5f, 1}, {}});
    save_run(path("negative.tar.zst"), lying, 1);
    QVERIFY(refusal(path("negative.tar.zst"), other).find("not those of its images") !=
            std::string::npos);
    for (const char* name : {"half.tar.zst", "text.tar.zst"})
      QVERIFY2(refusal(path(name), other).find("cannot be imported") != std::string::npos, name);
    QVERIFY(!refusal(path("none.tar.zst"), other).empty());
    QVERIFY(other.runs().empty());
    QVERIFY_EXCEPTION_THROWN(save_run(path("x.tar.zst"), other, 1), InputError);
  }
};

SELFSIGHT_SUITE(TestRunOut, QCoreApplication);
#include "test_run_out.moc"
