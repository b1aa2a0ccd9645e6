#include <QTest>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/spec/preset.h"
#include "core/spec/settings.h"
#include "core/spec/sweep.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

struct NoiseOptions {
  double strength = 0.5;
  std::int64_t times = 3;
  bool on = true;
  std::string kind = "white";
  std::vector<double> mean{0.5, 0.25};

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.strength, Field{.key = "strength", .help = "How strong.", .min = 0, .max = 2});
    visit(o.times, Field{.key = "times",
                         .help = "How often.",
                         .unit = "times",
                         .min = 1,
                         .only_if = Condition{"kind", {"pink"}}});
    visit(o.on, Field{.key = "on", .help = "Whether at all."});
    visit(o.kind, Field{.key = "kind", .help = "Which.", .choices = {"white", "pink"}});
    visit(o.mean, Field{.key = "mean", .help = "Means.", .min = 0, .max = 1});
  }
};

Schema schema_for(const std::string& method) {
  Schema schema = schema_of<NoiseOptions>("noise.");
  schema.push_back({.key = "method.name",
                    .help = "Which.",
                    .choices = {"one", "two"},
                    .fallback = std::string(method.empty() ? "one" : method)});
  if (method == "two")
    schema.push_back({.key = "method.temperature", .help = "T.", .min = 0, .fallback = 0.1});
  return schema;
}

std::string message_of(auto&& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

class TestSettings : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void defaults_come_from_the_struct() {
    const Settings settings(schema_for(""));
    const auto options = settings.read<NoiseOptions>("noise.");
    QCOMPARE(options.strength, 0.5);
    QCOMPARE(options.mean.size(), std::size_t(2));
    QCOMPARE(settings.field("noise.times").unit, std::string("times"));
  }

  void an_option_may_hang_on_another() {
    Settings settings(schema_for(""));
    QVERIFY(settings.applies(settings.field("noise.strength")));
    QVERIFY(!settings.applies(settings.field("noise.times")));
    settings.set("noise.kind", std::string("pink"));
    QVERIFY(settings.applies(settings.field("noise.times")));
  }

  void a_struct_goes_in_and_comes_out() {
    Settings settings(schema_for(""));
    NoiseOptions options;
    options.kind = "pink";
    options.times = 9;
    options.on = false;
    settings.write("noise.", options);
    const auto back = settings.read<NoiseOptions>("noise.");
    QCOMPARE(back.kind, std::string("pink"));
    QCOMPARE(back.times, std::int64_t(9));
    QCOMPARE(back.on, false);
  }

  void toml_and_json_keep_every_value() {
    Settings settings(schema_for("two"));
    settings.set_text("noise.strength", "0.1");
    settings.set_text("noise.mean", "0.1, 0.9, 1");
    settings.set_text("method.temperature", "2");
    QVERIFY(settings_from_toml(to_toml(settings), schema_for) == settings);
    QVERIFY(settings_from_json(to_json(settings), schema_for) == settings);
    QCOMPARE(to_json(settings)["method"]["temperature"].get<double>(), 2.0);
  }

  void wrong_input_gets_one_clear_sentence_data() {
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const char* assignment, const char* says) {
      QTest::newRow(name) << assignment << says;
    };
    row("unknown key", "noise.strenght=1", "Did you mean noise.strength?");
    row("far key", "xyzzy=1", "There is no option xyzzy.");
    row("above", "noise.strength=3", "between 0 and 2");
    row("below", "noise.times=0", "1 time or more");
    row("far below", "noise.times=-100000", "noise.times is -100000; it must be 1 time or more");
    row("far above", "noise.strength=100000", "noise.strength is 100000; it must be");
    row("word", "noise.strength=strong", "must be a number");
    row("fraction", "noise.times=1.5", "whole number");
    row("not a number", "noise.strength=nan", "between 0 and 2");
    row("choice", "noise.kind=pinkk", "did you mean pink?");
    row("bool", "noise.on=maybe", "true or false");
    row("list", "noise.mean=0.1;0.2", "numbers with commas");
    row("list range", "noise.mean=0.1,2", "between 0 and 1");
    row("no value", "noise.on", "--set key=value");
    row("empty", "noise.strength=", "is empty");
    row("method", "method.name=three", "one of one, two");
  }
  void wrong_input_gets_one_clear_sentence() {
    QFETCH(QString, assignment);
    QFETCH(QString, says);
    Settings settings(schema_for(""));
    const Settings before = settings;
    const std::string message =
        message_of([&] { apply_assignments(settings, {assignment.toStdString()}, schema_for); });
    QVERIFY2(QString::fromStdString(message).contains(says), message.c_str());
    QVERIFY(settings == before);
  }

  void another_method_brings_its_options() {
    Settings settings(schema_for(""));
    apply_assignments(settings, {"noise.strength=1.5", "method.name=two", "method.temperature=0.2"},
                      schema_for);
    QCOMPARE(settings.get<double>("noise.strength"), 1.5);
    QCOMPARE(settings.get<double>("method.temperature"), 0.2);
    settings = with_method(settings, "one", schema_for);
    QVERIFY(!settings.has("method.temperature"));
    QCOMPARE(settings.get<double>("noise.strength"), 1.5);
  }

  void letters_beyond_ascii_are_for_strings_and_comments() {
    const auto json = [](const std::string& text) { return json_of_toml(text).dump(); };
    QCOMPARE(
        json("\xEF\xBB\xBF# \u00e9\na = \"\u00e9\\\"\u00e9\"\nb = '\u00e9' # '\u00e9\nc = \"\""),
        std::string("{\"a\":\"\u00e9\\\"\u00e9\",\"b\":\"\u00e9\",\"c\":\"\"}"));
    QCOMPARE(json("a = \"\"\"\n\u00e9\" '\"\"\"\"\nb = '''\u00e9'''"),
             std::string("{\"a\":\"\u00e9\\\" '\\\"\",\"b\":\"\u00e9\"}"));
    for (const char* text :
         {"\na = \u00e9", "a = \"\"\n\u00e9 = 1", "a = '''\n'''\u00e9", "a = 'b\n\u00e9"}) {
      const std::string said = message_of([&] { json_of_toml(text); });
      QVERIFY2(said.starts_with("Line 2 of the options cannot be read: letters"), said.c_str());
    }
  }

  void toml_whose_keys_are_none_is_refused() {
    for (const std::string& text :
         {std::string("[\0\1", 3), std::string("[`noise]\n"), std::string("[a]\nb\x7f = 1\n")})
      QVERIFY(message_of([&] { settings_from_toml(text, schema_for); }).starts_with("Line "));
  }

  void broken_toml_names_its_line() {
    const std::string message =
        message_of([] { settings_from_toml("[noise]\nstrength = = 1\n", schema_for); });
    QVERIFY2(message.starts_with("Line 2"), message.c_str());
    QVERIFY(message_of([] {
              settings_from_toml("[noise]\nstrength = \"1\"\n", schema_for);
            }).find("it must be a number.") != std::string::npos);
    QVERIFY(message_of([] {
              settings_from_toml("noise = 3\n", schema_for);
            }).find("no option noise") != std::string::npos);
  }

  void only_what_differs_is_listed() {
    Settings a(schema_for("two")), b(schema_for("two")), c(schema_for("one"));
    b.set("method.temperature", 0.2);
    const auto rows = differences({a, b, c});
    QCOMPARE(rows.size(), std::size_t(2));
    QCOMPARE(rows[0].key, std::string("method.name"));
    QCOMPARE(rows[1].key, std::string("method.temperature"));
    QVERIFY((rows[1].values == std::vector<std::string>{"0.1", "0.2", ""}));
    QVERIFY(differences({a, a}).empty());
  }

  void a_preset_says_where_it_is_from() {
    const Preset preset = parse_preset("p",
                                       "[preset]\ntitle = \"Two\"\nprovenance = \"A paper\"\n"
                                       "expect = \"90 %\"\n[method]\nname = \"two\"\n",
                                       schema_for);
    QCOMPARE(preset.title, std::string("Two"));
    QCOMPARE(preset.provenance, std::string("A paper"));
    QCOMPARE(preset.settings.get<std::string>("method.name"), std::string("two"));
  }

  void a_preset_takes_over_what_its_base_sets() {
    const PresetTexts known{
        {"grand",
         "[preset]\ntitle = \"Grand\"\nprovenance = \"A paper\"\nexpect = \"90 %\"\n"
         "[noise]\nstrength = 2\ntimes = 7\n[method]\nname = \"two\"\n"
         "temperature = 0.5\n"},
        {"parent", "[preset]\nbase = \"grand\"\n[noise]\ntimes = 8\n"}};
    const Preset child = parse_preset(
        "child", "[preset]\nbase = \"parent\"\n[noise]\nkind = \"pink\"\n", schema_for, known);
    QCOMPARE(child.settings.get<std::string>("noise.kind"), std::string("pink"));
    QCOMPARE(child.settings.get<std::int64_t>("noise.times"), std::int64_t(8));
    QCOMPARE(child.settings.get<double>("noise.strength"), 2.0);
    QCOMPARE(child.settings.get<double>("method.temperature"), 0.5);
    QCOMPARE(child.provenance, std::string("A paper"));
    QCOMPARE(child.title, std::string("child"));
    QVERIFY(child.expect.empty());
    // Another method: its options are at their defaults, the rest is taken over.
    const Preset other = parse_preset(
        "other", "[preset]\nbase = \"parent\"\n[method]\nname = \"one\"\n", schema_for, known);
    QCOMPARE(other.settings.get<std::string>("method.name"), std::string("one"));
    QVERIFY(!other.settings.has("method.temperature"));
    QCOMPARE(other.settings.get<std::int64_t>("noise.times"), std::int64_t(8));
  }

  void a_base_that_leads_nowhere_is_refused() {
    const PresetTexts known{{"a", "[preset]\nbase = \"b\"\n"}, {"b", "[preset]\nbase = \"a\"\n"}};
    const auto said = [&](const std::string& name, const std::string& base) {
      return message_of(
          [&] { parse_preset(name, "[preset]\nbase = \"" + base + "\"\n", schema_for, known); });
    };
    QCOMPARE(said("a", "b"),
             std::string("The preset b builds on a, which builds on it in turn; take one `base` "
                         "away."));
    QVERIFY(said("a", "a").find("in turn") != std::string::npos);
    QVERIFY(said("c", "a").find("in turn") != std::string::npos);
    QVERIFY(
        said("c", "nowhere").starts_with("The preset c builds on nowhere, which is no preset."));
  }

  void what_is_nested_without_end_is_refused() {
    std::string dots = "a";
    for (int i = 0; i < 100'000; ++i) dots += ".a";
    const std::string message = message_of([&] { settings_from_toml(dots + " = 1", schema_for); });
    QVERIFY2(message.find("more dots and brackets") != std::string::npos, message.c_str());
    nlohmann::ordered_json json = 1;
    for (int i = 0; i < 20; ++i) json = nlohmann::ordered_json{{"a", std::move(json)}};
    QVERIFY(message_of([&] { settings_from_json(json, schema_for); }).find("no option a.a.a") !=
            std::string::npos);
    nlohmann::ordered_json list, options;
    for (int i = 0; i < 100'000; ++i) {
      auto outer = nlohmann::ordered_json::array();
      outer.push_back(std::move(list));
      list = std::move(outer);
    }
    options["noise"]["strength"] = std::move(list);
    const std::string said = message_of([&] { settings_from_json(options, schema_for); });
    QVERIFY2(said.starts_with("noise.strength is a nested list; it must be"), said.c_str());
  }

  void brackets_are_counted_outside_of_strings() {
    const std::string open(65, '['), closed(65, ']');
    QVERIFY(too_deep(open));
    QVERIFY(too_deep("{\"a\": \"\\\"[\", \"b\": " + open + closed + "}"));
    QVERIFY(!too_deep(open.substr(1) + closed.substr(1)));
    QVERIFY(!too_deep("[\"" + open + "\\\"" + open + "\"]"));
    std::string beside = "[";
    for (int i = 0; i < 100; ++i) beside += "[{}],";
    QVERIFY(!too_deep(beside + "1]"));
  }

  void text_that_is_not_utf8_is_written_all_the_same() {
    Schema schema = schema_for("");
    schema.push_back({.key = "noise.file", .help = "Where.", .fallback = std::string()});
    Settings settings(schema);
    settings.set("noise.file", std::string("caf\xE9"));
    QVERIFY(to_toml(settings).find("file = \"caf\uFFFD\"") != std::string::npos);
  }

  void a_sweep_is_a_grid() {
    const Settings base(schema_for(""));
    const auto points = sweep(
        base, {"noise.times=1,2", "method.name=one, two", "noise.mean=0.1,0.2;0.3", "noise.on=no"},
        schema_for);
    QCOMPARE(points.size(), std::size_t(8));
    QCOMPARE(points[0].varied,
             (std::vector<std::string>{"noise.times=1", "method.name=one", "noise.mean=0.1,0.2"}));
    QCOMPARE(points[1].settings.get<std::vector<double>>("noise.mean"), (std::vector<double>{0.3}));
    QVERIFY(!points[1].settings.has("method.temperature"));
    QVERIFY(points[2].settings.has("method.temperature"));
    QCOMPARE(points[7].settings.get<std::int64_t>("noise.times"), 2);
    for (const SweepPoint& point : points) QVERIFY(!point.settings.get<bool>("noise.on"));
    QCOMPARE(sweep(base, {}, schema_for).size(), std::size_t(1));
  }

  void sweeps_that_cannot_be_are_refused_data() {
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QString>("says");
    QTest::newRow("no value") << "noise.times"
                              << "has no value";
    QTest::newRow("empty") << "noise.times="
                           << "has no value";
    QTest::newRow("range") << "noise.times=1,0"
                           << "noise.times";
    QTest::newRow("key") << "noise.tines=1,2"
                         << "Did you mean noise.times?";
    QTest::newRow("twice") << "noise.times=1,2,1"
                           << "twice";
  }
  void sweeps_that_cannot_be_are_refused() {
    QFETCH(QString, assignment);
    QFETCH(QString, says);
    const std::string message = message_of(
        [&] { sweep(Settings(schema_for("")), {assignment.toStdString()}, schema_for); });
    QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
  }

  void an_option_is_varied_once() {
    const auto swept = [](const std::vector<std::string>& assignments) {
      return sweep(Settings(schema_for("")), assignments, schema_for);
    };
    const std::string message = message_of([&] { swept({"noise.times=1,2", "noise.times=3,4"}); });
    QVERIFY2(message.find("noise.times is varied twice") != std::string::npos, message.c_str());
    // What a script sets anew is no sweep.
    QCOMPARE(swept({"noise.times=1", "noise.times=3,4"}).size(), std::size_t(2));
  }

  void a_sweep_has_a_limit() {
    std::string many = "noise.times=1";
    for (int i = 2; i <= 40; ++i) many += "," + std::to_string(i);
    std::string strengths = "noise.strength=0";
    for (int i = 1; i <= 40; ++i) strengths += "," + std::to_string(i / 20.0);
    const std::string message = message_of([&] {
      sweep(Settings(schema_for("")), {many, strengths}, schema_for);
    });
    QVERIFY2(message.find("more than 1,000 runs") != std::string::npos, message.c_str());
  }
};

SELFSIGHT_SUITE(TestSettings, QCoreApplication);
#include "test_settings.moc"
