// The six places, icon over word, and the settings at the foot.
#pragma once

#include <QAbstractButton>
#include <QList>
#include <QWidget>

namespace selfsight {

/// Icon over word; on an accent ground while checked.
class BarButton : public QAbstractButton {
  Q_OBJECT
 public:
  BarButton(const QString& icon, const QString& text, QWidget* parent);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QString icon_;
};

class LeftBar : public QWidget {
  Q_OBJECT
 public:
  explicit LeftBar(QWidget* parent = nullptr);

  /// `name` is the icon's too: "data".
  void add_place(const QString& name, const QString& title, const QString& shortcut);
  void set_current(int index);
  QWidget* settings_button() const { return settings_; }

 Q_SIGNALS:
  void place_chosen(int index);
  void settings_wanted();

 private:
  QList<BarButton*> buttons_;
  BarButton* settings_;
};

}  // namespace selfsight
