// What Export offers of a run's encoder, wherever one is looked at.
#pragma once

#include <QList>
#include <QPair>
#include <QString>
#include <functional>

class QWidget;

namespace selfsight {

class Workspace;

/// As Place::exports(): its encoder, features, metrics, card, and all of it. Each asks where to,
/// and works as a job of the workspace; `told` hears where it was saved. Features are those of the
/// open images, and left out where none are open. Nothing for a run without an encoder.
QList<QPair<QString, std::function<void()>>> run_exports(
    Workspace& workspace, std::int64_t run, QWidget* parent,
    const std::function<void(const QString& words)>& told);

/// Asks for a file that such an export of a whole run wrote, here or on another machine, and adds
/// the run to the store as a job; `told` hears its number.
void import_run(Workspace& workspace, QWidget* parent,
                const std::function<void(const QString& words)>& told);

}  // namespace selfsight
