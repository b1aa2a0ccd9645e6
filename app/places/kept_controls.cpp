#include "app/places/kept_controls.h"

#include <QComboBox>
#include <QSpinBox>

#include "app/app_settings.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

QString word_at(const QComboBox& box, int index) {
  const QVariant data = box.itemData(index);
  return data.isValid() ? data.toString() : QString::number(index);
}

}  // namespace

void keep_choice(QComboBox* box) {
  const QString kept = app_settings::control(box->objectName());
  for (int i = 0; i < box->count(); ++i)
    if (word_at(*box, i) == kept) box->setCurrentIndex(i);
  QObject::connect(box, &QComboBox::activated, box, [box](int index) {
    app_settings::set_control(box->objectName(), word_at(*box, index));
  });
}

void keep_choice(ChoiceChips* chips) {
  const QString kept = app_settings::control(chips->objectName());
  if (!kept.isEmpty()) chips->set_current(kept);
  QObject::connect(chips, &ChoiceChips::chosen, chips, [chips](const QString& choice) {
    app_settings::set_control(chips->objectName(), choice);
  });
}

void keep_number(QSpinBox* box) {
  bool known = false;
  const int kept = app_settings::control(box->objectName()).toInt(&known);
  if (known) box->setValue(kept);
  QObject::connect(box, &QSpinBox::valueChanged, box, [box](int value) {
    app_settings::set_control(box->objectName(), QString::number(value));
  });
}

}  // namespace selfsight
