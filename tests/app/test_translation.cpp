#include <QAbstractButton>
#include <QComboBox>
#include <QHeaderView>
#include <QRegularExpression>
#include <QTranslator>
#include <QtTest>
#include <map>
#include <string_view>

#include "tests/app/trained.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

const QString mark = QStringLiteral("¤");

/// A language whose words are all known by their mark.
class Marked : public QTranslator {
 public:
  QString translate(const char* context, const char* source, const char*, int) const override {
    // What Qt says by itself is Qt's to translate.
    if (QByteArrayView(context).startsWith('Q')) return {};
    return mark + QString::fromUtf8(source);
  }
  bool isEmpty() const override { return false; }
};

/// Names, numbers and units, which are the same in all languages.
bool same_everywhere(QString text) {
  static const QRegularExpression names(QStringLiteral(
      R"((/[\w/.-]+)|Procedural shapes|\b(procedural|SimCLR|NT-Xent|DCLW?|kNN|)"
      R"(PCA|t-SNE|Barnes-Hut|ResNet|ViT|Tiny|Small|Base|CIFAR|ImageNet|SGD|LARS|AdamW|CPU|CUDA)\b)"));
  static const QRegularExpression word(QStringLiteral("\\p{L}{3,}"));
  return !word.match(text.remove(names)).hasMatch();
}

class TestTranslation : public QObject {
  Q_OBJECT

  void note(const QWidget& widget, const QString& text) {
    QString ours = text;
    for (const std::string& name : person_.dataset().classes())
      ours.remove(QString::fromStdString(name));
    if (text.contains(mark) || same_everywhere(ours)) return;
    const QString line =
        QStringLiteral("%1 %2: %3")
            .arg(QString::fromLatin1(widget.metaObject()->className()), widget.objectName(), text);
    if (!left_.contains(line)) left_ << line;
  }
  void read(const QWidget& widget) {
    note(widget, widget.toolTip());
    note(widget, widget.accessibleName());
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) note(widget, label->text());
    if (const auto* one = qobject_cast<const QAbstractButton*>(&widget)) note(widget, one->text());
    if (const auto* box = qobject_cast<const QComboBox*>(&widget))
      for (int i = 0; i < box->count(); ++i) note(widget, box->itemText(i));
    if (const auto* head = qobject_cast<const QHeaderView*>(&widget);
        head && head->model() && head->orientation() == Qt::Horizontal)
      for (int i = 0; i < head->count(); ++i)
        note(widget, head->model()->headerData(i, Qt::Horizontal).toString());
  }
  void read_all() {
    for (const QWidget* widget : person_.window().findChildren<QWidget*>()) read(*widget);
  }

 private Q_SLOTS:
  void what_a_person_reads_can_be_translated() {
    Marked language;
    QVERIFY(QCoreApplication::installTranslator(&language));
    person_.open(QStringLiteral("procedural:80"));
    person_.train();
    const std::map<std::string_view, std::vector<const char*>> works{
        {"explore", {"chip_pca", "start_map"}}, {"evaluate", {"start_knn"}}};
    for (const char* place : {"data", "views", "pretrain", "explore", "evaluate", "compare"}) {
      person_.window().go_to(QString::fromLatin1(place));
      if (const auto work = works.find(place); work != works.end())
        for (const char* name : work->second) {
          person_.click(name);
          person_.wait();
        }
      read_all();
    }
    QVERIFY2(left_.isEmpty(), qPrintable(left_.join(QLatin1Char('\n'))));
    person_.close();
    QCoreApplication::removeTranslator(&language);
  }

 private:
  Trained person_;
  QStringList left_;
};

}  // namespace

SELFSIGHT_SUITE(TestTranslation, QApplication);
#include "test_translation.moc"
