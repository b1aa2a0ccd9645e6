// The small controls that every place is made of.
#pragma once

#include <QAbstractButton>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLayout>
#include <QPushButton>
#include <QStringList>

class QScrollArea;

namespace selfsight {

/// The voices of text: see window.qss.
enum class Voice { body, title, heading, soft, faint, tag, verdict };
void set_voice(QWidget* widget, Voice voice);
QLabel* label(const QString& text, Voice voice = Voice::body, QWidget* parent = nullptr);
/// A label that takes as many lines as it needs.
QLabel* paragraph(const QString& text, Voice voice = Voice::soft, QWidget* parent = nullptr);
/// The colour of a verdict's edge.
enum class Mood { good, warn, bad, plain };
void set_mood(QLabel* verdict, Mood mood);

enum class ButtonKind { plain, primary, chip, link };
/// Text in sentence case; `name` is the objectName.
QPushButton* button(const QString& text, const QString& name, ButtonKind kind = ButtonKind::plain,
                    QWidget* parent = nullptr);

/// Text that does not fit ends in an ellipsis, and is whole in a tooltip unless there is another.
class ElidedLabel : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(const QString& text, QWidget* parent = nullptr);
  QSize minimumSizeHint() const override;
  /// In less room than this, in px, text that does not fit is not begun: its tooltip alone has it.
  void set_least_room(int width) { least_room_ = width; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  bool cut() const;

  int least_room_ = 0;
};

/// A number between buttons, in which a comma may be typed for the point.
class NumberBox : public QDoubleSpinBox {
  Q_OBJECT
 public:
  using QDoubleSpinBox::QDoubleSpinBox;

 protected:
  QValidator::State validate(QString& input, int& position) const override;
};

/// On or off.
class Switch : public QAbstractButton {
  Q_OBJECT
 public:
  explicit Switch(QWidget* parent = nullptr);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool hitButton(const QPoint& position) const override;
};

/// One of a few choices, side by side.
class ChoiceChips : public QWidget {
  Q_OBJECT
 public:
  /// (word stored, word shown).
  using Choices = QList<QPair<QString, QString>>;
  explicit ChoiceChips(QWidget* parent = nullptr);
  ChoiceChips(const Choices& choices, QWidget* parent = nullptr);

  void set_choices(const Choices& choices);
  QString current() const;
  void set_current(const QString& choice);  // says nothing
  /// One that cannot be chosen says why in its tooltip; an empty reason lets it be chosen.
  void set_obstacle(const QString& choice, const QString& reason);

 Q_SIGNALS:
  void chosen(const QString& choice);  // by the person

 private:
  QList<QPair<QString, QPushButton*>> chips_;
};

/// Lays its items out like words of a text.
class FlowLayout : public QLayout {
 public:
  explicit FlowLayout(QWidget* parent = nullptr, int spacing = 8);
  ~FlowLayout() override;

  void addItem(QLayoutItem* item) override;
  int count() const override;
  QLayoutItem* itemAt(int index) const override;
  QLayoutItem* takeAt(int index) override;
  Qt::Orientations expandingDirections() const override { return {}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;  // all on one line
  QSize minimumSize() const override;
  void setGeometry(const QRect& rect) override;

 private:
  int arrange(const QRect& rect, bool place) const;
  QList<QLayoutItem*> items_;
};

/// An empty place: what will be here, and the one action that fills it.
class EmptyState : public QWidget {
  Q_OBJECT
 public:
  /// Without an action if `action` is empty.
  EmptyState(const QString& headline, const QString& text, const QString& action,
             QWidget* parent = nullptr);
  void set_text(const QString& headline, const QString& text, const QString& action);

 Q_SIGNALS:
  void action_wanted();

 private:
  QLabel* headline_;
  QLabel* text_;
  QPushButton* action_;
};

/// A scroll area without a frame or a ground, as wide as its room.
QScrollArea* bare_scroll_area(QWidget* parent = nullptr);

/// A combo box, a slider or a spin box changes on purpose only: the wheel scrolls the page instead,
/// focus or not, and the letters that a list is searched by are no shortcuts of the place.
void guard_value(QWidget* control);

}  // namespace selfsight
