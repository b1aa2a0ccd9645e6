// Names at the left, values at the right, a line under each.
#pragma once

#include <QWidget>

namespace selfsight {

class FactTable : public QWidget {
  Q_OBJECT
 public:
  explicit FactTable(QWidget* parent = nullptr);
  /// (name, value) in order.
  void set_facts(const QList<QPair<QString, QString>>& facts);
  QString value(const QString& name) const;
  /// "name,value".
  QByteArray as_csv() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 private:
  QList<QPair<QString, QString>> facts_;
};

}  // namespace selfsight
