#include "app/places/seed_field.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QRegularExpressionValidator>
#include <QToolButton>

#include "widgets/icons.h"

namespace selfsight {

SeedField::SeedField(QWidget* parent)
    : QWidget(parent), text_(new QLineEdit(this)), lock_(new QToolButton(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(2);
  row->addWidget(text_);
  row->addWidget(lock_);
  text_->setObjectName(QStringLiteral("seed"));
  text_->setAccessibleName(tr("Seed"));
  text_->setToolTip(tr("Seed of the next run: the same seed gives the same views"));
  text_->setFixedWidth(76);
  // Up to 2^53, the largest that the settings take.
  text_->setValidator(
      new QRegularExpressionValidator(QRegularExpression(QStringLiteral("\\d{1,15}")), text_));
  lock_->setObjectName(QStringLiteral("seed_lock"));
  lock_->setCheckable(true);
  lock_->setFixedSize(26, 26);
  const auto show_lock = [this](bool on) {
    lock_->setIcon(icon(on ? QStringLiteral("lock") : QStringLiteral("unlock")));
    lock_->setAccessibleName(on ? tr("Seed is locked") : tr("Seed is not locked"));
    lock_->setToolTip(on ? tr("Locked: Re-roll goes to the next epoch of this seed")
                         : tr("Lock the seed, so that Re-roll goes to the next epoch"));
  };
  connect(lock_, &QToolButton::toggled, this, show_lock);
  show_lock(false);
  connect(text_, &QLineEdit::editingFinished, this, [this] {
    bool number = false;
    const qint64 wanted = text_->text().toLongLong(&number);
    if (!number) return set_seed(seed_);
    if (wanted == seed_) return;
    seed_ = wanted;
    Q_EMIT seed_changed(seed_);
  });
}

bool SeedField::locked() const {
  return lock_->isChecked();
}

void SeedField::set_seed(std::int64_t seed) {
  seed_ = seed;
  text_->setText(QString::number(seed));
  text_->setCursorPosition(0);
}

}  // namespace selfsight
