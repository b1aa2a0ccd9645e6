// What Export offers of runs and their encoders, wherever they are looked at.
#pragma once

#include <QList>
#include <QPair>
#include <QString>
#include <cstdint>
#include <functional>
#include <vector>

class QWidget;

namespace selfsight {

class Workspace;

/// As Place::exports(): its encoder, features, metrics, card, and all of it. Each asks where to,
/// and works as a job of the workspace; `told` hears where it was saved. Features are those of the
/// open images, and left out where none are open. Nothing for a run without an encoder.
QList<QPair<QString, std::function<void()>>> run_exports(
    Workspace& workspace, std::int64_t run, QWidget* parent,
    const std::function<void(const QString& words)>& told);

/// One HTML file of these runs, written as a job; see report_html(). Asks where to.
void save_report(Workspace& workspace, const std::vector<std::int64_t>& runs, QWidget* parent);

/// Asks for a file that such an export of a whole run wrote, here or on another machine, and adds
/// the run to the store as a job; `told` hears its number.
void import_run(Workspace& workspace, QWidget* parent,
                const std::function<void(const QString& words)>& told);

}  // namespace selfsight
