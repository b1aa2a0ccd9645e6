// The ways to open a data set.
#pragma once

class QString;
class QWidget;

namespace selfsight {

class Workspace;

/// Under the anchor: a folder, a file, what comes with the program, what was open lately.
void popup_open_menu(Workspace& workspace, QWidget* anchor);

/// Whether a data set that was open can be looked for again: of several, joined by semicolons, all;
/// what follows a question mark says how it is read; a pattern of braces is taken at its word.
bool still_there(const QString& location);

}  // namespace selfsight
