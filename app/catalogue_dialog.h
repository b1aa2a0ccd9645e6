// Public data sets: what they are, their licence, and a button that fetches them.
#pragma once

#include <QDialog>
#include <QHash>

#include "app/jobs/download.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace selfsight {

class Workspace;

/// What is fetched goes on in the workspace when the dialog is closed.
class CatalogueDialog : public QDialog {
  Q_OBJECT
 public:
  /// `entries` other than the catalogue's are for tests.
  explicit CatalogueDialog(Workspace& workspace, QWidget* parent = nullptr,
                           const std::vector<CatalogueEntry>& entries = catalogue());

 private:
  struct Row {
    QLabel* words = nullptr;
    QProgressBar* bar = nullptr;
    QPushButton* act = nullptr;
    Download* download = nullptr;
  };

  void add_row(const CatalogueEntry& entry, QVBoxLayout* column);
  QString folder_of(const CatalogueEntry& entry) const;
  void show_state(const CatalogueEntry& entry);
  void act(const CatalogueEntry& entry);
  void follow(const CatalogueEntry& entry, Download* download);
  void end(const CatalogueEntry& entry, const QString& message, bool bad);

  Workspace& workspace_;
  QHash<QString, Row> rows_;
};

}  // namespace selfsight
