// A card: a titled surface that holds one thing.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace selfsight {

class Card : public QFrame {
  Q_OBJECT
 public:
  explicit Card(const QString& title, QWidget* parent = nullptr);

  void set_title(const QString& title);
  void set_subtitle(const QString& subtitle);  // second voice, right of the title
  void add_to_head(QWidget* widget);           // at the right end of the head
  QVBoxLayout* body() const { return body_; }

 private:
  QLabel* title_;
  QLabel* subtitle_;
  QHBoxLayout* head_;
  QVBoxLayout* body_;
};

}  // namespace selfsight
