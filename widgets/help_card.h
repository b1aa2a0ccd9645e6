// What the option under the mouse does.
#pragma once

#include "widgets/card.h"

class QScrollArea;

namespace selfsight {

/// Of one height whatever it says, so that nothing moves under a mouse on its way over the options;
/// longer texts scroll in it.
class HelpCard : public Card {
  Q_OBJECT
 public:
  explicit HelpCard(QWidget* parent = nullptr);

  /// As SpecForm::help_wanted gives them.
  void explain(const QString& title, const QString& help);
  /// As before the first option.
  void clear();
  QString text() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QScrollArea* scroll_;
  QLabel* text_;
};

}  // namespace selfsight
