#include "widgets/fact_table.h"

#include <QPainter>

#include "widgets/exports.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int inset = 8;

}  // namespace

FactTable::FactTable(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FactTable::set_facts(const QList<QPair<QString, QString>>& facts) {
  const bool as_high = facts.size() == facts_.size();
  facts_ = facts;
  QStringList told;
  for (const auto& [name, value] : facts_) told << name + QStringLiteral(": ") + value;
  setAccessibleDescription(told.join(QStringLiteral(", ")));
  setToolTip({});
  setFocusPolicy(facts_.isEmpty() ? Qt::NoFocus : Qt::TabFocus);  // for its menu
  if (!as_high) updateGeometry();
  update();
}

QString FactTable::value(const QString& name) const {
  for (const auto& [known, value] : facts_)
    if (known == name) return value;
  return {};
}

QByteArray FactTable::as_csv() const {
  QString text = QStringLiteral("name,value\n");
  for (const auto& [name, value] : facts_)
    text += csv_text(name) + QLatin1Char(',') + csv_text(value) + QLatin1Char('\n');
  return text.toUtf8();
}

QSize FactTable::sizeHint() const {
  return {240, static_cast<int>(facts_.size()) * measures::row};
}
QSize FactTable::minimumSizeHint() const {
  return {160, sizeHint().height()};
}

void FactTable::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Tokens& t = tokens();
  painter.setFont(body_font());
  int top = 0;
  for (const auto& [name, value] : facts_) {
    const QRect row(0, top, width(), measures::row);
    const QRect inner = row.adjusted(inset, 0, -inset, -1);
    const int name_width = painter.fontMetrics().horizontalAdvance(name) + 12;
    painter.setPen(t.soft);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, name);
    painter.setPen(t.text);
    painter.drawText(
        inner.adjusted(name_width, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(value, Qt::ElideMiddle, inner.width() - name_width));
    painter.setPen(t.line);
    painter.drawLine(row.bottomLeft(), row.bottomRight());
    top += measures::row;
  }
  if (!hasFocus()) return;
  painter.setPen(QPen(t.accent, 2));
  painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

}  // namespace selfsight
