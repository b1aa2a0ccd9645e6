// The words of an option, as a form shows them.
#pragma once

#include <QString>

#include "core/spec/field.h"

namespace selfsight {

/// "views.crop_min" becomes "Smallest crop"; a key without words of its own loses its prefix and
/// its underscores.
QString field_label(const std::string& key);

/// "train" becomes "Training": what options of this prefix are about.
QString group_label(const std::string& prefix);

/// "simclr" becomes "SimCLR", "resnet18" "ResNet-18"; unknown ones are left as they are.
QString choice_label(const std::string& choice);

/// The help with unit, range, default and key, as a tooltip.
QString field_tooltip(const Field& field);

/// As few digits as tell the number: "0.08", "1e-05".
QString number_text(double value);

}  // namespace selfsight
