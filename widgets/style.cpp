#include "widgets/style.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>
#include <QToolTip>

#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int words_inset = 6;  // of an editor's words, beyond Fusion's

void draw_chevron(QPainter& painter, QPointF centre, QColor colour, bool up = false) {
  const double dy = up ? -2.2 : 2.2;
  painter.setPen(QPen(colour, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setBrush(Qt::NoBrush);
  const QPointF points[] = {centre + QPointF(-4, -dy), centre + QPointF(0, dy),
                            centre + QPointF(4, -dy)};
  painter.drawPolyline(points, 3);
}

void draw_frame(QPainter& painter, const QRect& rect, const QStyleOption& option) {
  const Tokens& t = tokens();
  const bool focus = option.state & QStyle::State_HasFocus;
  const bool hover = option.state & QStyle::State_MouseOver && option.state & QStyle::State_Enabled;
  painter.setPen(QPen(focus ? t.accent : hover ? t.faint : t.line, 1));
  painter.setBrush(t.raised);
  painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), measures::radius_button,
                          measures::radius_button);
}

/// Of the choice that a combo box shows, as Fusion draws it.
QRect words_room(const QStyleOptionComboBox& option, const QStyle& style, const QWidget* widget) {
  return style.subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, widget)
      .adjusted(1, 0, -1, 0);
}

bool is_cut(const QComboBox& combo, const QStyle& style) {
  QStyleOptionComboBox option;
  option.initFrom(&combo);
  option.frame = combo.hasFrame();
  return combo.fontMetrics().horizontalAdvance(combo.currentText()) >
         words_room(option, style, &combo).width();
}

void draw_combo(const QStyleOptionComboBox& option, QPainter& painter) {
  if (option.frame) draw_frame(painter, option.rect, option);
  draw_chevron(painter, QPointF(option.rect.right() - 13, option.rect.center().y() + 0.5),
               option.state & QStyle::State_Enabled ? tokens().soft : tokens().faint);
}

void draw_spin(const QStyleOptionSpinBox& option, QPainter& painter, const QStyle& style,
               const QWidget* widget) {
  draw_frame(painter, option.rect, option);
  if (option.buttonSymbols == QAbstractSpinBox::NoButtons) return;
  for (const bool up : {true, false}) {
    const auto part = up ? QStyle::SC_SpinBoxUp : QStyle::SC_SpinBoxDown;
    const auto enabled = up ? QAbstractSpinBox::StepUpEnabled : QAbstractSpinBox::StepDownEnabled;
    const QRect rect = style.subControlRect(QStyle::CC_SpinBox, &option, part, widget);
    const bool on = option.stepEnabled & enabled && option.state & QStyle::State_Enabled;
    painter.save();
    painter.translate(QRectF(rect).center());
    painter.scale(0.75, 0.75);
    draw_chevron(painter, {0, 0}, on ? tokens().soft : tokens().faint, up);
    painter.restore();
  }
}

void draw_slider(const QStyleOptionSlider& option, QPainter& painter, const QStyle& style,
                 const QWidget* widget) {
  const Tokens& t = tokens();
  const bool enabled = option.state & QStyle::State_Enabled;
  const QRectF handle =
      style.subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, widget);
  const QPointF middle = handle.center();
  const QColor strong = enabled ? t.accent : t.faint;
  QRectF groove, done;
  if (option.orientation == Qt::Horizontal) {
    groove = QRectF(option.rect.left() + 7, middle.y() - 2, option.rect.width() - 14, 4);
    done = groove;
    option.upsideDown ? done.setLeft(middle.x()) : done.setRight(middle.x());
  } else {
    groove = QRectF(middle.x() - 2, option.rect.top() + 7, 4, option.rect.height() - 14);
    done = groove;
    option.upsideDown ? done.setTop(middle.y()) : done.setBottom(middle.y());
  }
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.line);
  painter.drawRoundedRect(groove, 2, 2);
  painter.setBrush(strong);
  painter.drawRoundedRect(done, 2, 2);
  if (option.state & QStyle::State_HasFocus && option.state & QStyle::State_KeyboardFocusChange) {
    painter.setBrush(t.accent_ground);
    painter.drawEllipse(middle, 10, 10);
  }
  painter.setPen(QPen(strong, 2));
  painter.setBrush(t.surface);
  painter.drawEllipse(middle, 6, 6);
}

void draw_check(const QStyleOption& option, QPainter& painter, bool round) {
  const Tokens& t = tokens();
  const bool on = option.state & (QStyle::State_On | QStyle::State_NoChange);
  const bool enabled = option.state & QStyle::State_Enabled;
  const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
  const QColor strong = enabled ? t.accent : t.faint;
  painter.setPen(QPen(on ? strong : option.state & QStyle::State_HasFocus ? t.accent : t.faint, 1));
  painter.setBrush(on && !round ? strong : t.surface);
  round ? painter.drawEllipse(box) : painter.drawRoundedRect(box, 4, 4);
  if (!on) return;
  if (round) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(strong);
    painter.drawEllipse(box.center(), box.width() / 4, box.height() / 4);
    return;
  }
  painter.setPen(QPen(t.on_accent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const double u = box.width() / 14;
  const QPointF tick[] = {box.topLeft() + QPointF(3.4, 7.2) * u,
                          box.topLeft() + QPointF(6, 9.8) * u,
                          box.topLeft() + QPointF(10.8, 4.4) * u};
  if (option.state & QStyle::State_NoChange)
    painter.drawLine(box.center() - QPointF(3, 0), box.center() + QPointF(3, 0));
  else
    painter.drawPolyline(tick, 3);
}

}  // namespace

Style::Style() : QProxyStyle(QStringLiteral("Fusion")) {}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                               QPainter* painter, const QWidget* widget) const {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option);
      control == CC_ComboBox && combo) {
    draw_combo(*combo, *painter);
  } else if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
             control == CC_SpinBox && spin) {
    draw_spin(*spin, *painter, *this, widget);
  } else if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
             control == CC_Slider && slider) {
    draw_slider(*slider, *painter, *this, widget);
  } else {
    painter->setRenderHint(QPainter::Antialiasing, false);
    QProxyStyle::drawComplexControl(control, option, painter, widget);
  }
  painter->restore();
}

/// The choice that a combo box shows ends in an ellipsis where it does not fit.
void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                        const QWidget* widget) const {
  const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option);
  if (element != CE_ComboBoxLabel || !combo)
    return QProxyStyle::drawControl(element, option, painter, widget);
  QStyleOptionComboBox fitting = *combo;
  fitting.currentText = combo->fontMetrics.elidedText(combo->currentText, Qt::ElideRight,
                                                      words_room(*combo, *this, widget).width());
  QProxyStyle::drawControl(element, &fitting, painter, widget);
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const {
  if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
      element == PE_IndicatorHeaderArrow && header) {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(QRectF(header->rect).center());
    painter->scale(0.75, 0.75);
    draw_chevron(*painter, {0, 0}, tokens().soft,
                 header->sortIndicator == QStyleOptionHeader::SortUp);
    painter->restore();
    return;
  }
  if (element == PE_PanelLineEdit && widget &&
      qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()))
    return;  // the box has drawn its ground
  const bool check = element == PE_IndicatorCheckBox || element == PE_IndicatorItemViewItemCheck;
  if (!check && element != PE_IndicatorRadioButton) {
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    return;
  }
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  draw_check(*option, *painter, !check);
  painter->restore();
}

void Style::polish(QWidget* widget) {
  QProxyStyle::polish(widget);
  if (qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QComboBox*>(widget))
    widget->setMinimumHeight(measures::button);  // a style sheet's child rules shrink the hint
  if (qobject_cast<QComboBox*>(widget)) widget->installEventFilter(this);
}

/// A choice that is cut is whole in the tooltip, before what else that says.
bool Style::eventFilter(QObject* object, QEvent* event) {
  if (event->type() != QEvent::ToolTip) return false;
  auto* combo = static_cast<QComboBox*>(object);
  if (!is_cut(*combo, *this)) return false;
  QStringList lines{combo->currentText(), combo->toolTip()};
  lines.removeAll(QString());
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), lines.join(QLatin1Char('\n')),
                     combo);
  return true;
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option,
                       const QWidget* widget) const {
  switch (metric) {
    case PM_SliderThickness:
    case PM_SliderControlThickness:
      return 24;
    case PM_SliderLength:
      return 14;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
      return 16;
    default:
      return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option,
                            SubControl part, const QWidget* widget) const {
  const QRect rect = QProxyStyle::subControlRect(control, option, part, widget);
  const bool words = (control == CC_ComboBox && part == SC_ComboBoxEditField) ||
                     (control == CC_SpinBox && part == SC_SpinBoxEditField);
  if (words) return rect.adjusted(words_inset, 0, 0, 0);
  return rect;
}

/// The arrow of the order stands above a title, where no alignment of the words can meet it.
QRect Style::subElementRect(SubElement element, const QStyleOption* option,
                            const QWidget* widget) const {
  if (element != SE_HeaderArrow) return QProxyStyle::subElementRect(element, option, widget);
  return {option->rect.center().x() - 4, option->rect.top(), 8, 8};
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                     QStyleHintReturn* returned) const {
  switch (hint) {
    case SH_Slider_AbsoluteSetButtons:  // a click on the groove goes there
      return Qt::LeftButton;
    case SH_ComboBox_Popup:
    case SH_EtchDisabledText:
      return 0;
    default:
      return QProxyStyle::styleHint(hint, option, widget, returned);
  }
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                              const QWidget* widget) const {
  QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
  if (type == CT_ComboBox || type == CT_SpinBox) {
    result.setHeight(measures::button);
    result.rwidth() += type == CT_ComboBox ? 14 : words_inset;
  }
  return result;
}

}  // namespace selfsight
