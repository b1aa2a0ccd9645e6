// Controls that stand where a person left them, from one day to the next.
#pragma once

class QComboBox;
class QSpinBox;

namespace selfsight {

class ChoiceChips;

/// Each is known by its objectName; what a person chooses from here on is kept at once.
void keep_choice(QComboBox* box);  // by its data, else by its place in the list
void keep_choice(ChoiceChips* chips);
void keep_number(QSpinBox* box);

}  // namespace selfsight
