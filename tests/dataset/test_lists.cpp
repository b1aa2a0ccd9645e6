#include <QTest>

#include "tests/dataset/archives.h"
#include "tests/suite.h"

using namespace selfsight;

class TestLists : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void lists_in_csv() {
    const Folder folder;
    for (int i = 0; i < 3; ++i)
      folder.write("scans/" + std::to_string(i) + ", a.png", plain_png(10 + i));
    folder.write("list.csv", std::string("\xEF\xBB\xBFpatient,Image,label,split\r\n"
                                         "7,\"scans/0, a.png\",\"ill \"\"x\"\"\",train\r\n"
                                         "8,\"scans/1, a.png\",well,val\r\n"
                                         "\r\n"
                                         "9,missing.png,well,\r\n"
                                         "9,\"scans/2, a.png\",,test"));
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->size(), 3);
    QVERIFY((set->classes() == std::vector<std::string>{"ill \"x\"", "well"}));
    QCOMPARE(set->label(2), -1);
    QCOMPARE(set->split(1), Split::validation);
    QCOMPARE(set->image(2).at<cv::Vec3b>(0, 0)[2], 12);
    QCOMPARE(set->broken().front().name, "missing.png");
    QVERIFY((set->columns() == std::vector<std::string>{"patient"}));
    QCOMPARE(set->cell(1, 0), "8");
    QCOMPARE(set->cell(2, 0), "9");
    folder.write("bare.tsv", std::string("scans/0, a.png\till\nscans/1, a.png\n"));
    QCOMPARE(open_dataset(folder("bare.tsv"))->size(), 2);
    folder.write("bad.csv", std::string("path,split\n\"scans/0, a.png\",sometimes\n"));
    QVERIFY(contains(problem_with(folder("bad.csv")), "names the split sometimes"));
    folder.write("none.csv", std::string("path\nnowhere.png\n"));
    QVERIFY(contains(problem_with(folder("none.csv")), "none is there: nowhere.png"));
    folder.write("empty.csv", std::string());
    QVERIFY(contains(problem_with(folder("empty.csv")), "lists no images"));
  }

  void blanks_around_what_a_list_says_are_nothing() {
    const Folder folder;
    folder.write("a.png", plain_png(1));
    folder.write("b.png", plain_png(2));
    folder.write("list.csv", std::string("path, label,\tsplit , age\n a.png, cat, val, 7\n"
                                         "b.png\t,cat ,test,\n"));
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->size(), 2);
    QVERIFY((set->classes() == std::vector<std::string>{"cat"}));
    QVERIFY((set->columns() == std::vector<std::string>{"age"}));
    QCOMPARE(set->split(0), Split::validation);
    QCOMPARE(set->split(1), Split::test);
    QCOMPARE(set->image_name(0), "a.png");
  }

  void a_file_in_several_lines_is_in_one_split() {
    const Folder folder;
    std::string once, again;
    for (int i = 100; i < 200; ++i) {
      const std::string name = std::to_string(i) + ".png";
      folder.write(name, plain_png(i % 80));
      once += name + "\n";
      again += "./" + name + "\n";
    }
    folder.write("list.csv", once + again);
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->size(), 200);
    for (int i = 0; i < 100; ++i) QCOMPARE(set->split(i), set->split(i + 100));
    QVERIFY(!set->indices(Split::test).empty());
    QVERIFY(!set->indices(Split::validation).empty());
    folder.write("once.csv", once);
    QCOMPARE(open_dataset(folder("once.csv"))->indices(Split::test).size() * 2,
             set->indices(Split::test).size());
  }

  void the_splits_of_a_list_are_in_its_fingerprint() {
    const Folder folder;
    folder.write("a.png", plain_png(1));
    folder.write("b.png", plain_png(2));
    const auto fingerprint = [&](const std::string& list) {
      folder.write("list.csv", list);
      return open_dataset(folder("list.csv"))->fingerprint();
    };
    const std::string untold = fingerprint("path,label\na.png,x\nb.png,y\n");
    const std::string one = fingerprint("path,label,split\na.png,x,train\nb.png,y,test\n");
    const std::string other = fingerprint("path,label,split\na.png,x,test\nb.png,y,train\n");
    QVERIFY(one != other && one != untold && other != untold);
    QCOMPARE(fingerprint("path,label,split\na.png,x,\nb.png,y,\n"), untold);
  }

  void a_list_has_many_columns_and_keeps_some() {
    const Folder folder;
    folder.write("a.png", plain_png(1));
    std::string text = "path";
    for (int i = 0; i < 120; ++i) text += ",c" + std::to_string(i);
    folder.write("list.csv", text + "\na.png,x\na.png,,,y\n");
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->columns().size(), 100u);
    QCOMPARE(set->cell(0, 0), "x");
    QCOMPARE(set->cell(0, 99), "");
    QCOMPARE(set->cell(1, 2), "y");
  }

  void several_keep_what_their_lists_tell() {
    const Folder folder;
    folder.write("a.png", plain_png(1));
    folder.write("b.png", encoded(".png", cv::Mat(4, 4, CV_16UC1, cv::Scalar(9000))));
    folder.write("one.csv", std::string("path,patient,age\na.png,7,30\n"));
    folder.write("two.csv", std::string("path,camera,patient\nb.png,left,8\n"));
    const auto set = open_dataset(folder("one.csv") + ";" + folder("two.csv"));
    QVERIFY((set->columns() == std::vector<std::string>{"patient", "age", "camera"}));
    QCOMPARE(set->cell(0, 0), "7");
    QCOMPARE(set->cell(0, 2), "");
    QCOMPARE(set->cell(1, 0), "8");
    QCOMPARE(set->cell(1, 1), "");
    QCOMPARE(set->cell(1, 2), "left");
    QVERIFY(set->deep());
    QVERIFY(!open_dataset(folder("one.csv"))->deep());
  }
};

SELFSIGHT_SUITE(TestLists, QCoreApplication);
#include "test_lists.moc"
