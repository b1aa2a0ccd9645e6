// Where a Vision Transformer looks, beside the views that it is fed, and where a head sorts them.
#include <QtTest>

#include "app/places/views_work.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/picture_strip.h"
#include "widgets/theme.h"
#include "widgets/words.h"

using namespace selfsight;

namespace {

/// Looks at the upper left, if anywhere.
class Looking : public FrozenModel {
 public:
  explicit Looking(bool anywhere) : anywhere_(anywhere) {}
  const Settings& settings() const override { return settings_; }
  std::int64_t dimensions() const override { return 1; }
  int channels() const override { return 3; }
  CheckpointInfo checkpoint() const override { return {}; }
  std::shared_ptr<FrozenModel> untrained(std::uint64_t) const override { return nullptr; }
  Features features(const std::vector<cv::Mat>&) override { return {}; }
  bool reconstructs() const override { return false; }
  std::vector<cv::Mat> reconstruct(const std::vector<cv::Mat>&, const std::vector<Mask>&) override {
    return {};
  }
  std::vector<cv::Mat> attention(const std::vector<cv::Mat>& views) override {
    if (!anywhere_) return {};
    cv::Mat map(2, 2, CV_32F, cv::Scalar(0.1));
    map.at<float>(0, 0) = 0.6F;
    return std::vector<cv::Mat>(views.size(), map);
  }
  /// Each view into a prototype of its own.
  std::vector<Assignment> assignments(const std::vector<cv::Mat>& views) override {
    std::vector<Assignment> out;
    for (std::size_t i = 0; anywhere_ && i < views.size(); ++i)
      out.push_back({static_cast<std::int64_t>(i) + 40, 0.63});
    return out;
  }

 private:
  bool anywhere_;
  Settings settings_;
};

ViewsModel model(bool anywhere) {
  return {.run = 1, .epoch = 2, .model = std::make_shared<Looking>(anywhere), .reason = {}};
}

}  // namespace

class TestAttention : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void each_pair_has_its_picture_and_a_broken_row_none() {
    const cv::Mat view(16, 16, CV_8UC3, cv::Scalar(90, 90, 90));
    const QList<QImage> pictures =
        attention_pictures(model(true), {{view, view}, {}, {view, view}});
    QCOMPARE(pictures.size(), 3);
    QVERIFY(pictures[1].isNull());
    for (const qsizetype row : {0, 2}) {
      QCOMPARE(pictures[row].size(), QSize(16, 16));
      QVERIFY(pictures[row].pixelColor(1, 1) != pictures[row].pixelColor(14, 14));
    }
  }

  void an_encoder_that_attends_to_nothing_has_none() {
    const cv::Mat view(16, 16, CV_8UC3, cv::Scalar(90, 90, 90));
    QVERIFY(attention_pictures(model(false), {{view, view}}).first().isNull());
    QVERIFY(attention_pictures({}, {{view, view}}).first().isNull());
  }

  void each_view_has_its_prototype_and_a_broken_row_none() {
    const cv::Mat view(16, 16, CV_8UC3, cv::Scalar(90, 90, 90));
    const QList<QStringList> words =
        assignment_words(model(true), {{view, view}, {}, {view, view}});
    const QString sure = percent_words(0.63);
    QCOMPARE(words.size(), 3);
    QCOMPARE(words[0],
             (QStringList{QStringLiteral("40 · ") + sure, QStringLiteral("41 · ") + sure}));
    QVERIFY(words[1].isEmpty());
    QCOMPARE(words[2].last(), QStringLiteral("43 · ") + sure);
    QVERIFY(assignment_words(model(false), {{view, view}}).first().isEmpty());
    QVERIFY(assignment_words({}, {{view, view}}).first().isEmpty());
  }

  void a_strip_makes_room_for_words_only_where_there_are_some() {
    PictureStrip strip;
    const QList<QList<QImage>> groups(2, {QImage(4, 4, QImage::Format_RGB32)});
    strip.set_groups(groups);
    const int plain = strip.sizeHint().height();
    strip.set_groups(groups, {{}, {QStringLiteral("412 · 63 %")}});
    QVERIFY(strip.sizeHint().height() >= plain + strip.fontMetrics().height());
    strip.set_groups(groups, {{}, {}});
    QCOMPARE(strip.sizeHint().height(), plain);
  }
};

SELFSIGHT_SUITE(TestAttention, QApplication);
#include "test_attention.moc"
