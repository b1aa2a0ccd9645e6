#include "widgets/icons.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

#include "widgets/theme.h"

namespace selfsight {
namespace {

QByteArray source_of(const QString& name) {
  static QHash<QString, QByteArray> sources;
  if (const auto found = sources.constFind(name); found != sources.constEnd()) return *found;
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) qFatal("There is no icon named %s.", qPrintable(name));
  return *sources.insert(name, file.readAll());
}

class LineIcon : public QIconEngine {
 public:
  explicit LineIcon(const QString& name) : name_(name) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const Tokens& t = tokens();
    draw_icon(*painter, name_, rect, mode == QIcon::Disabled ? t.faint : t.soft);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, pixmap.rect(), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new LineIcon(name_); }

 private:
  QString name_;
};

}  // namespace

void draw_icon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& colour) {
  QByteArray svg = source_of(name);
  svg.replace("currentColor", colour.name().toLatin1());
  QSvgRenderer renderer(svg);
  renderer.render(&painter, rect);
}

QIcon icon(const QString& name) {
  return QIcon(new LineIcon(name));
}

}  // namespace selfsight
