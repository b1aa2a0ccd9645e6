// Each kind of input, as Views shows it.
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/heat.h"
#include "widgets/input_rows.h"
#include "widgets/mask_preview.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

const QColor cover(1, 2, 3);

cv::Mat example_image() {
  cv::Mat image(48, 48, CV_8UC3);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      image.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uchar>(60 + 4 * x), static_cast<uchar>(60 + 4 * y), 90);
  return image;
}

InputOptions input_options(InputKind kind) {
  InputOptions options;
  options.kind = kind;
  options.partial_mask.probability = 1;
  options.permutations = 24;
  return options;
}

ShownInput shown_of(const InputOptions& options) {
  ShownInput shown{.id = 5,
                   .label = QStringLiteral("horse"),
                   .original = example_image(),
                   .kind = options.kind,
                   .input = {},
                   .cover = cover,
                   .rebuilt = {},
                   .note = QStringLiteral("no model")};
  shown.input = make_input(shown.original, options, {7, 0, 5, 0});
  return shown;
}

ShownInput shown_of(InputKind kind) {
  return shown_of(input_options(kind));
}

QString text_of(const PictureRow& row) {
  QStringList lines;
  for (const PictureLine& line : row.lines) lines << line.text;
  return lines.join(QLatin1Char('\n'));
}

int covered(const QImage& picture) {
  int count = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) count += picture.pixelColor(x, y) == cover;
  return count;
}

}  // namespace

class TestInputRows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void heat_lies_over_the_picture_where_the_weight_is() {
    QImage picture(40, 40, QImage::Format_RGB32);
    picture.fill(Qt::gray);
    cv::Mat weights(4, 4, CV_32F, cv::Scalar(0.01));
    weights.at<float>(1, 2) = 0.2F;  // row 1, column 2
    const QImage heat = heat_picture(picture, weights);
    QCOMPARE(heat.size(), picture.size());
    const auto apart = [](const QColor& a, const QColor& b) {
      return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
             std::abs(a.blue() - b.blue());
    };
    const QColor cold = heat.pixelColor(2, 37);
    QVERIFY(apart(heat.pixelColor(25, 15), cold) > 100);
    QVERIFY(apart(heat.pixelColor(37, 2), cold) < 30);
    cv::Mat even(2, 2, CV_32F, cv::Scalar(0.25));
    QCOMPARE(heat_picture(picture, even).pixelColor(5, 5), cold);
  }

  void every_kind_has_a_title_for_each_picture_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("pictures");
    QTest::addColumn<QString>("told");
    const auto row = [](const char* name, InputKind kind, int pictures, const char* told) {
      QTest::newRow(name) << static_cast<int>(kind) << pictures << QString::fromLatin1(told);
    };
    row("two views", InputKind::two_views, 3, "crop");
    row("multi-crop", InputKind::multi_crop, 4, "6 local crops of 16 px");
    row("masked view", InputKind::masked_view, 4, "16 of 64 patches shown");
    row("masked views", InputKind::masked_views, 4, "hidden: A ");
    row("multi-block", InputKind::multi_block, 4, "4 target blocks");
    row("rotated", InputKind::rotated, 5, "by how much");
    row("tiles", InputKind::tiles, 3, "order ");
    row("patch pair", InputKind::patch_pair, 4, "where the second lies");
    row("colour", InputKind::grey_to_colour, 3, "crop");
    row("region", InputKind::hidden_region, 4, "25 % of the view is hidden");
  }
  void every_kind_has_a_title_for_each_picture() {
    QFETCH(int, kind);
    QFETCH(int, pictures);
    QFETCH(QString, told);
    const ShownInput shown = shown_of(static_cast<InputKind>(kind));
    const PictureRow row = input_row(shown);
    QCOMPARE(row.cells.size(), pictures);
    QCOMPARE(input_titles(shown.kind, QStringLiteral("Rebuilt")).size(), pictures + 1);
    QCOMPARE(row.cells[0].image.size(), QSize(48, 48));
    QVERIFY(!row.cells[0].boxes.isEmpty());
    QVERIFY2(text_of(row).contains(told), qPrintable(text_of(row)));
    QVERIFY(text_of(row).startsWith(QStringLiteral("image 5 · horse")));
  }

  void one_of_something_is_told_in_the_singular() {
    InputOptions crops = input_options(InputKind::multi_crop);
    crops.crops.number = 1;
    const QString one_crop = text_of(input_row(shown_of(crops)));
    QVERIFY2(one_crop.contains(QStringLiteral("1 local crop of 16 px")), qPrintable(one_crop));
    InputOptions blocks = input_options(InputKind::multi_block);
    blocks.blocks.targets = 1;
    const QString one_block = text_of(input_row(shown_of(blocks)));
    QVERIFY2(one_block.endsWith(QStringLiteral("1 target block")), qPrintable(one_block));
  }

  void what_was_drawn_for_a_pair_comes_last_as_it_may_find_no_room() {
    const PictureRow row = input_row(shown_of(InputKind::masked_views));
    QVERIFY(row.lines[1].text.startsWith(QStringLiteral("hidden: A ")));
    QVERIFY(row.lines[2].text.contains(QStringLiteral("local crops")));
    QVERIFY(row.lines.last().text.startsWith(QStringLiteral("crop ")));
  }

  void what_is_hidden_of_each_global_view_is_covered() {
    const ShownInput shown = shown_of(InputKind::masked_views);
    const PictureRow row = input_row(shown);
    for (qsizetype view = 0; view < 2; ++view) {
      const Mask& mask = shown.input.masks[static_cast<std::size_t>(view)];
      QVERIFY(mask.count() > 0);
      QCOMPARE(covered(row.cells[view + 1].image), mask.count() * 4 * 4);
    }
  }

  void context_and_targets_of_blocks_share_no_patch() {
    const ShownInput shown = shown_of(InputKind::multi_block);
    const PictureRow row = input_row(shown);
    const Mask& context = shown.input.masks[0];
    QCOMPARE(covered(row.cells[2].image), context.count() * 4 * 4);
    QCOMPARE(row.cells[3].boxes.size(), 4);
    const Mask& target = shown.input.masks[1];
    const QRectF box = row.cells[3].boxes[0].part;
    QCOMPARE(qRound(box.width() * target.columns) * qRound(box.height() * target.rows),
             target.count());
    for (int y = 0; y < 32; ++y)
      for (int x = 0; x < 32; ++x)
        QVERIFY(row.cells[2].image.pixelColor(x, y) == cover ||
                row.cells[3].image.pixelColor(x, y) == cover);
  }

  void tiles_lie_as_they_are_shown_to_the_encoder() {
    const ShownInput shown = shown_of(InputKind::tiles);
    const QImage tiles = input_row(shown).cells[2].image;
    const QImage second = to_image(shown.input.views[1].image);
    const int step = (tiles.width() + 1) / 3;
    for (const QPoint at : {QPoint(2, 3), QPoint(9, 12)})
      QCOMPARE(tiles.pixelColor(step + at.x(), at.y()), second.pixelColor(at));
  }

  void a_rebuilt_picture_stands_beside_its_mask_and_a_note_where_there_is_none() {
    ShownInput shown = shown_of(InputKind::hidden_region);
    QCOMPARE(input_row(shown).cells[3].note, QStringLiteral("no model"));
    shown.rebuilt = cv::Mat(32, 32, CV_8UC3, cv::Scalar(9, 9, 9));
    QCOMPARE(input_row(shown).cells[3].image.pixelColor(4, 4), QColor(9, 9, 9));
  }
};

SELFSIGHT_SUITE(TestInputRows, QApplication);
#include "test_input_rows.moc"
