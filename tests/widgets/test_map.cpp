#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

/// A grid of 10 by 10 points one apart; ids are not indices, groups are columns modulo 3.
std::vector<MapPoint> grid_points() {
  std::vector<MapPoint> points;
  for (int i = 0; i < 100; ++i)
    points.push_back({1000 + 7 * i, i % 10 * 1.0, i / 10 * 1.0, i % 10 % 3});
  return points;
}

qint64 id_at(int column, int row) {
  return 1000 + 7 * (10 * row + column);
}

}  // namespace

class TestMap : public QObject {
  Q_OBJECT

  std::unique_ptr<MapPlot> map_;

  void mouse(QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons held,
             Qt::KeyboardModifiers keys = {}) {
    QMouseEvent event(type, at, map_->mapToGlobal(at), button, held, keys);
    QCoreApplication::sendEvent(map_.get(), &event);
  }
  void move(QPointF at) { mouse(QEvent::MouseMove, at, Qt::NoButton, {}); }
  void click(qint64 id, Qt::KeyboardModifiers keys = {}) {
    QTest::mouseClick(map_.get(), Qt::LeftButton, keys, map_->position_of(id).toPoint());
  }
  /// Drags a rectangle whose corners lie half a step outside these two points.
  void lasso(qint64 from, qint64 to, Qt::KeyboardModifiers keys = {}) {
    map_->set_lasso(true);
    const QPointF half = (map_->position_of(id_at(1, 1)) - map_->position_of(id_at(0, 0))) / 2;
    const QRectF box(map_->position_of(from) - half, map_->position_of(to) + half);
    mouse(QEvent::MouseButtonPress, box.topLeft(), Qt::LeftButton, Qt::LeftButton, keys);
    for (const QPointF at : {box.topRight(), box.bottomRight(), box.bottomLeft()})
      mouse(QEvent::MouseMove, at, Qt::NoButton, Qt::LeftButton, keys);
    mouse(QEvent::MouseButtonRelease, box.bottomLeft(), Qt::LeftButton, {}, keys);
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    map_ = std::make_unique<MapPlot>();
    map_->resize(600, 500);
    map_->set_points(grid_points());
    map_->show();
    QVERIFY(QTest::qWaitForWindowActive(map_.get()));
  }
  void cleanup() { map_.reset(); }

  void a_point_is_told_after_a_moment_on_it() {
    QSignalSpy hovered(map_.get(), &MapPlot::hovered);
    move(map_->position_of(id_at(3, 4)));
    QCOMPARE(hovered.size(), 0);
    QTRY_COMPARE(hovered.size(), 1);
    QCOMPARE(hovered.first().first().toLongLong(), id_at(3, 4));
    const QImage before = map_->grab().toImage();
    QImage picture(8, 8, QImage::Format_RGB888);
    picture.fill(Qt::magenta);
    map_->show_thumbnail(id_at(5, 5), picture, QStringLiteral("another"));
    QCOMPARE(map_->grab().toImage(), before);  // the mouse is not there any more
    map_->show_thumbnail(id_at(3, 4), picture, QStringLiteral("this"));
    QVERIFY(map_->grab().toImage() != before);
    move({1, 1});
    QCOMPARE(hovered.last().first().toLongLong(), -1);
  }

  void a_mouse_that_only_passes_is_not_told() {
    QSignalSpy hovered(map_.get(), &MapPlot::hovered);
    move(map_->position_of(id_at(3, 4)));
    move(map_->position_of(id_at(4, 4)));
    QTRY_COMPARE(hovered.size(), 1);
    QCOMPARE(hovered.first().first().toLongLong(), id_at(4, 4));
  }

  void a_click_selects_shift_adds_alt_takes_away_and_escape_clears() {
    QSignalSpy clicked(map_.get(), &MapPlot::clicked);
    QSignalSpy changed(map_.get(), &MapPlot::selection_changed);
    click(id_at(2, 2));
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 2)}));
    QCOMPARE(clicked.last().first().toLongLong(), id_at(2, 2));
    click(id_at(6, 7), Qt::ShiftModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 2), id_at(6, 7)}));
    click(id_at(2, 2), Qt::AltModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(6, 7)}));
    QTest::keyClick(map_.get(), Qt::Key_Escape);
    QVERIFY(map_->selection().isEmpty());
    QCOMPARE(changed.size(), 4);
  }

  void ctrl_adds_or_takes_away_and_with_the_lasso_takes_away() {
    click(id_at(2, 2));
    click(id_at(6, 7), Qt::ControlModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 2), id_at(6, 7)}));
    click(id_at(2, 2), Qt::ControlModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(6, 7)}));
    lasso(id_at(6, 6), id_at(7, 7), Qt::ShiftModifier);
    lasso(id_at(6, 6), id_at(6, 7), Qt::ControlModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(7, 6), id_at(7, 7)}));
  }

  void arrows_go_from_point_to_point_and_return_selects() {
    QSignalSpy hovered(map_.get(), &MapPlot::hovered);
    QSignalSpy clicked(map_.get(), &MapPlot::clicked);
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers keys = {}) {
      QTest::keyClick(map_.get(), key, keys);
    };
    map_->set_selection({id_at(3, 3)});
    press(Qt::Key_Right);
    QTRY_COMPARE(hovered.size(), 1);
    QCOMPARE(hovered.last().first().toLongLong(), id_at(4, 3));
    const QImage before = map_->grab().toImage();
    QImage picture(8, 8, QImage::Format_RGB888);
    picture.fill(Qt::magenta);
    map_->show_thumbnail(id_at(4, 3), picture, QStringLiteral("this"));
    QVERIFY(map_->grab().toImage() != before);
    press(Qt::Key_Down);
    QVERIFY(!map_->thumbnail_shown());
    press(Qt::Key_Return);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(4, 4)}));
    QCOMPARE(clicked.last().first().toLongLong(), id_at(4, 4));
    press(Qt::Key_Up);
    press(Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(4, 4), id_at(4, 3)}));
    map_->set_hidden({0});  // columns 0, 3, 6 and 9
    press(Qt::Key_Left);
    press(Qt::Key_Space);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 3)}));
    press(Qt::Key_Left);
    press(Qt::Key_Left);  // there is nothing more that way
    press(Qt::Key_Space);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(1, 3)}));
  }

  void an_arrow_brings_its_point_into_view() {
    map_->set_selection({id_at(5, 5)});
    for (int i = 0; i < 12; ++i) QTest::keyClick(map_.get(), Qt::Key_Plus);
    QVERIFY(!map_->rect().contains(map_->position_of(id_at(8, 5)).toPoint()));
    for (int i = 0; i < 3; ++i) QTest::keyClick(map_.get(), Qt::Key_Right);
    QTest::keyClick(map_.get(), Qt::Key_Return);
    QCOMPARE(map_->selection(), QSet<qint64>{id_at(8, 5)});
    QVERIFY(map_->rect().contains(map_->position_of(id_at(8, 5)).toPoint()));
  }

  void the_first_arrow_goes_to_the_middle() {
    QTest::keyClick(map_.get(), Qt::Key_Return);
    QVERIFY(map_->selection().isEmpty());
    QTest::keyClick(map_.get(), Qt::Key_Up);
    QTest::keyClick(map_.get(), Qt::Key_Return);
    QCOMPARE(map_->selection().size(), 1);
    const QPointF middle = map_->rect().center();
    QVERIFY(QLineF(map_->position_of(*map_->selection().begin()), middle).length() < 40);
  }

  void shift_and_arrows_move_the_map() {
    const QPointF before = map_->position_of(id_at(5, 5));
    QTest::keyClick(map_.get(), Qt::Key_Right, Qt::ShiftModifier);
    const QPointF after = map_->position_of(id_at(5, 5));
    QVERIFY(after.x() < before.x() - 20);
    QCOMPARE(after.y(), before.y());
    QTest::keyClick(map_.get(), Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(map_.get(), Qt::Key_Up, Qt::ShiftModifier);
    QVERIFY(map_->position_of(id_at(5, 5)).y() > before.y() + 20);
    QVERIFY(map_->selection().isEmpty());
  }

  void a_click_beside_all_points_clears() {
    click(id_at(2, 2));
    QTest::mouseClick(map_.get(), Qt::LeftButton, {}, {2, 2});
    QVERIFY(map_->selection().isEmpty());
  }

  void a_lasso_selects_exactly_what_is_inside() {
    QSignalSpy changed(map_.get(), &MapPlot::selection_changed);
    lasso(id_at(2, 3), id_at(4, 5));
    QSet<qint64> inside;
    for (int row = 3; row <= 5; ++row)
      for (int column = 2; column <= 4; ++column) inside << id_at(column, row);
    QCOMPARE(map_->selection(), inside);
    lasso(id_at(8, 8), id_at(9, 9), Qt::ShiftModifier);
    QCOMPARE(map_->selection().size(), 9 + 4);
    lasso(id_at(2, 3), id_at(4, 4), Qt::AltModifier);
    QCOMPARE(map_->selection().size(), 3 + 4);
    QVERIFY(!map_->selection().contains(id_at(3, 4)));
    QCOMPARE(changed.size(), 3);
    lasso(id_at(0, 0), id_at(0, 0));
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(0, 0)}));
  }

  void a_lasso_may_be_bent() {
    map_->set_lasso(true);
    // A U around column 0 and column 4, open above between them: rows 0 to 2.
    const QPointF half = (map_->position_of(id_at(1, 1)) - map_->position_of(id_at(0, 0))) / 2;
    const auto corner = [&](int column, int row) {
      return map_->position_of(id_at(column, row)) - half;
    };
    const QList<QPointF> path{corner(0, 0), corner(1, 0), corner(1, 2), corner(4, 2),
                              corner(4, 0), corner(5, 0), corner(5, 3), corner(0, 3)};
    mouse(QEvent::MouseButtonPress, path.first(), Qt::LeftButton, Qt::LeftButton);
    for (const QPointF& at : path) mouse(QEvent::MouseMove, at, Qt::NoButton, Qt::LeftButton);
    mouse(QEvent::MouseButtonRelease, path.last(), Qt::LeftButton, {});
    QSet<qint64> inside;
    for (int column = 0; column < 5; ++column) inside << id_at(column, 2);
    for (int row = 0; row < 2; ++row) inside << id_at(0, row) << id_at(4, row);
    QCOMPARE(map_->selection(), inside);
  }

  void l_turns_the_lasso_on_and_off() {
    QSignalSpy changed(map_.get(), &MapPlot::lasso_changed);
    QTest::keyClick(map_.get(), Qt::Key_L);
    QVERIFY(map_->lasso());
    QTest::keyClick(map_.get(), Qt::Key_L);
    QVERIFY(!map_->lasso());
    QCOMPARE(changed.size(), 2);
  }

  void a_hidden_group_is_neither_drawn_nor_hit_nor_lassoed() {
    const QImage before = map_->rendered({300, 300}, 1);
    map_->set_hidden({0});  // columns 0, 3, 6 and 9
    QVERIFY(map_->rendered({300, 300}, 1) != before);
    click(id_at(3, 3));
    QVERIFY(!map_->selection().contains(id_at(3, 3)));
    lasso(id_at(2, 3), id_at(4, 3));
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 3), id_at(4, 3)}));
    map_->set_hidden({});
    QCOMPARE(map_->selection().size(), 2);
  }

  void a_selection_is_of_images_not_of_rows() {
    click(id_at(2, 2));
    auto points = grid_points();
    std::reverse(points.begin(), points.end());
    map_->set_points(points);
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(2, 2)}));
    click(id_at(7, 1));
    QCOMPARE(map_->selection(), (QSet<qint64>{id_at(7, 1)}));
    points.resize(10);  // of row 9 only
    map_->set_points(points);
    QVERIFY(map_->selection().isEmpty());
    QCOMPARE(map_->position_of(id_at(7, 1)), QPointF(-1, -1));
  }

  void a_drag_moves_the_map_and_home_shows_all() {
    const QPointF before = map_->position_of(id_at(5, 5));
    const QPointF from(10, 10), by(60, 30);
    mouse(QEvent::MouseButtonPress, from, Qt::LeftButton, Qt::LeftButton);
    mouse(QEvent::MouseMove, from + by, Qt::NoButton, Qt::LeftButton);
    mouse(QEvent::MouseButtonRelease, from + by, Qt::LeftButton, {});
    QCOMPARE(map_->position_of(id_at(5, 5)), before + by);
    map_->set_points(grid_points());  // the same images: the view stays
    QCOMPARE(map_->position_of(id_at(5, 5)), before + by);
    QTest::keyClick(map_.get(), Qt::Key_Home);
    QCOMPARE(map_->position_of(id_at(5, 5)), before);
  }

  void a_wheel_zooms_around_the_mouse() {
    const QPointF at = map_->position_of(id_at(2, 7));
    const QPointF other = map_->position_of(id_at(3, 7));
    QWheelEvent wheel(at, map_->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(map_.get(), &wheel);
    QVERIFY(QLineF(map_->position_of(id_at(2, 7)), at).length() < 1e-6);
    QVERIFY(map_->position_of(id_at(3, 7)).x() > other.x());
  }

  void an_empty_map_and_one_point_do_no_harm() {
    map_->set_points({});
    QTest::mouseClick(map_.get(), Qt::LeftButton);
    map_->grab();
    map_->set_points({{5, 0, 0, -1}});
    QCOMPARE(map_->position_of(5), QPointF(300, 250));
    map_->grab();
  }

  void the_legend_hides_and_isolates() {
    Legend legend;
    legend.resize(400, 40);
    legend.set_groups(
        {{QStringLiteral("cat"), 5}, {QStringLiteral("dog"), 1200}, {QStringLiteral("fox"), 3}});
    legend.show();
    QVERIFY(QTest::qWaitForWindowActive(&legend));
    QSignalSpy changed(&legend, &Legend::hidden_changed);
    auto* dog = legend.findChild<QPushButton*>(QStringLiteral("legend_1"));
    QVERIFY(dog->text().contains(QStringLiteral("1,200")));
    QTest::mouseClick(dog, Qt::LeftButton);
    QCOMPARE(legend.hidden(), QSet<int>{1});
    QTest::mouseClick(dog, Qt::LeftButton);
    QCOMPARE(legend.hidden(), QSet<int>());
    QCOMPARE(changed.size(), 2);
    // As a person does: the first click of the two counts as one.
    const auto double_click = [&] {
      QTest::mouseClick(dog, Qt::LeftButton);
      QTest::mouseDClick(dog, Qt::LeftButton);
    };
    double_click();
    QCOMPARE(legend.hidden(), (QSet<int>{0, 2}));
    double_click();
    QCOMPARE(legend.hidden(), QSet<int>());
  }

  void the_legend_tells_no_counts_where_there_are_none() {
    Legend legend;
    legend.set_groups({{QStringLiteral("cat"), -1}, {QStringLiteral("dog"), 0}});
    const auto words = [&](const char* name) {
      return legend.findChild<QPushButton*>(QString::fromLatin1(name))->text();
    };
    QCOMPARE(words("legend_0"), QStringLiteral("cat"));
    QCOMPARE(words("legend_1"), QStringLiteral("dog 0"));
  }

  void the_legend_is_worked_by_keys() {
    Legend legend;
    legend.resize(400, 40);
    legend.set_groups(
        {{QStringLiteral("cat"), 5}, {QStringLiteral("dog"), 12}, {QStringLiteral("fox"), 3}});
    legend.show();
    QVERIFY(QTest::qWaitForWindowActive(&legend));
    auto* dog = legend.findChild<QPushButton*>(QStringLiteral("legend_1"));
    QTest::keyClick(dog, Qt::Key_Space);
    QCOMPARE(legend.hidden(), QSet<int>{1});
    QCOMPARE(dog->accessibleDescription(), QStringLiteral("hidden"));
    QTest::keyClick(dog, Qt::Key_Return);
    QCOMPARE(legend.hidden(), (QSet<int>{0, 2}));
    QTest::keyClick(dog, Qt::Key_Return);
    QCOMPARE(legend.hidden(), QSet<int>());
  }

  void it_is_saved_with_its_groups() {
    map_->set_groups({QStringLiteral("cat"), QStringLiteral("dog"), QStringLiteral("fox")});
    map_->set_hidden({2});  // columns 2, 5 and 8
    const QByteArray csv = map_->rendered(QStringLiteral("csv"));
    QCOMPARE(csv.count('\n'), 1 + 70);
    QVERIFY(csv.startsWith("id,x,y,group\n1000,0,0,\"cat\"\n1007,1,0,\"dog\"\n1021,3,0,"));
    const QByteArray svg = map_->rendered(QStringLiteral("svg"));
    QVERIFY(svg.contains(">cat<") && svg.contains(">dog<") && !svg.contains(">fox<"));
    QVERIFY(svg.count("<path") >= 70);
    const QImage png = QImage::fromData(map_->rendered(QStringLiteral("png")));
    QCOMPARE(png.width(), 1200);
    QVERIFY(png.height() > 1000);
    QVERIFY(map_->rendered(QStringLiteral("pdf")).startsWith("%PDF-"));
  }

  void marks_of_a_small_map_stay_apart() {
    std::vector<MapPoint> points;
    for (int i = 0; i < 2500; ++i) points.push_back({i, i % 50 * 1.0, i / 50 * 1.0, -1});
    map_->set_points(points);
    map_->resize(240, 240);
    const QImage picture = map_->rendered(map_->size(), 1);
    const QRect cloud = QRectF(map_->position_of(0), map_->position_of(2499)).toRect();
    int bare = 0;
    for (int y = cloud.top(); y <= cloud.bottom(); ++y)
      for (int x = cloud.left(); x <= cloud.right(); ++x)
        bare += picture.pixelColor(x, y) == tokens().surface;
    QVERIFY2(bare > cloud.width() * cloud.height() / 10, qPrintable(QString::number(bare)));
  }

  void a_mark_stays_at_its_place_until_the_points_are_others() {
    map_->set_marks({{2.5, 2.5, QStringLiteral("mine.png")}});
    QVERIFY(map_->rendered(QStringLiteral("svg")).contains(">mine.png<"));
    map_->set_points(grid_points());
    QCOMPARE(map_->marks().size(), 1U);
    map_->set_points({{1, 0, 0, 0}, {2, 1, 1, 0}});
    QVERIFY(map_->marks().empty());
    QVERIFY(!map_->rendered(QStringLiteral("svg")).contains(">mine.png<"));
  }

  void marks_are_named_where_no_other_name_is_in_the_way() {
    map_->set_marks({{2.5, 2.5, QStringLiteral("first.png")},
                     {2.5, 2.5, QStringLiteral("twin.png")},
                     {7.5, 7.5, QStringLiteral("far.png")}});
    const QByteArray svg = map_->rendered(QStringLiteral("svg"));
    QVERIFY(svg.contains(">first.png<") && svg.contains(">far.png<"));
    QVERIFY(!svg.contains(">twin.png<"));
  }

  void a_mark_shows_its_picture_and_is_clicked() {
    QImage red(8, 8, QImage::Format_RGB32);
    red.fill(Qt::red);
    map_->set_marks(
        {{1.5, 1.5, QStringLiteral("far.png")}, {5.5, 5.5, QStringLiteral("mine.png"), red}});
    QSignalSpy clicked(map_.get(), &MapPlot::mark_clicked);
    QSignalSpy selected(map_.get(), &MapPlot::selection_changed);
    const QPointF at = map_->position_of(map_->marks()[1]);
    const auto shows_red = [&] {
      const QImage seen = map_->grab().toImage();
      for (int y = 0; y < seen.height(); y += 4)
        for (int x = 0; x < seen.width(); x += 4)
          if (seen.pixelColor(x, y) == QColor(Qt::red)) return true;
      return false;
    };
    QVERIFY(!shows_red());
    move(at);
    QVERIFY(shows_red());
    move(map_->position_of(id_at(9, 0)));
    QVERIFY(!shows_red());
    QTest::mouseClick(map_.get(), Qt::LeftButton, {}, at.toPoint());
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked.first().first().toInt(), 1);
    QVERIFY(selected.isEmpty());
  }

  void escape_clears_the_marks() {
    map_->set_marks({{2.5, 2.5, QStringLiteral("mine.png")}});
    QSignalSpy cleared(map_.get(), &MapPlot::marks_cleared);
    QTest::keyClick(map_.get(), Qt::Key_Escape);
    QVERIFY(map_->marks().empty());
    QCOMPARE(cleared.size(), 1);
  }

  void what_is_selected_stands_out_also_among_very_many() {
    const auto picture = [&] { return map_->rendered(map_->size(), 1); };
    const auto at = [&](qint64 id) { return map_->position_of(id).toPoint(); };
    map_->set_selection({id_at(5, 5)});
    QCOMPARE(picture().pixelColor(at(id_at(5, 5))), series_colour(2));
    QVERIFY(picture().pixelColor(at(id_at(3, 3))) != series_colour(0));
    QVERIFY(picture().pixelColor(at(id_at(3, 3))) != tokens().surface);
    std::vector<MapPoint> many;
    for (int i = 0; i < 30000; ++i) many.push_back({i, i % 200 * 1.0, i / 200 * 1.0, 0});
    map_->set_points(many);
    map_->set_selection({15000});
    QCOMPARE(picture().pixelColor(at(15000)), series_colour(0));
    map_->set_hidden({0});
    QCOMPARE(picture().pixelColor(at(15000)), tokens().surface);
  }
};

SELFSIGHT_SUITE(TestMap, QApplication);
#include "test_map.moc"
