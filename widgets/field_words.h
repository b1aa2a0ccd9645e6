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

/// The same for each encoder in a list with commas: "SimCLR, resnet18, CIFAR-10" becomes
/// "SimCLR, ResNet-18, CIFAR-10". All other words stay, as a person may have written them.
QString with_encoder_labels(const QString& list);

/// "views.crop_min is above 1." becomes "“Smallest crop” is above 1.": each key of the schema that
/// stands as a word of its own becomes its label, with the group's where another label has the same
/// words in it, and so do the choices of those options: "encoder.name is vit_tiny." becomes
/// "“Encoder” is ViT-Tiny." All else stays, such as the path of a file with a key in its name.
QString with_labels(const QString& sentence, const Schema& schema);

/// The help, and below it key, range, default and unit.
QString field_help(const Field& field);
/// The same as a tooltip, whose lines are broken.
QString field_tooltip(const Field& field);

/// As few digits as tell the number, six at most: "0.08", "0.00001".
QString number_text(double value);

/// A value as a form shows it: as to_text(), but "0.0001" rather than "1e-04".
QString value_text(const Value& value);

}  // namespace selfsight
