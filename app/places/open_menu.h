// The ways to open a data set.
#pragma once

class QWidget;

namespace selfsight {

class Workspace;

/// Under the anchor: a folder, a file, what comes with the program, what was open lately.
void popup_open_menu(Workspace& workspace, QWidget* anchor);

}  // namespace selfsight
