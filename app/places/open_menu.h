// The ways to open a data set.
#pragma once

#include <QString>

class QWidget;

namespace selfsight {

class Workspace;

/// Under the anchor: a folder, a file, what comes with the program, what was open lately.
void popup_open_menu(Workspace& workspace, QWidget* anchor);

/// Whether a data set that was open can be looked for again: of several, joined by semicolons, all;
/// what follows a question mark says how it is read; a pattern of braces is taken at its word.
bool still_there(const QString& location);

/// What there is to try for those who have no pictures at hand.
struct SampleImages {
  QString location;
  QString about;   // a sentence
  QString action;  // of the button that opens it
};
SampleImages sample_images(bool fashion_installed);
bool fashion_installed();

}  // namespace selfsight
