// Numbers and core's sentences as a person reads them.
#pragma once

#include <QString>
#include <cstdint>
#include <string>

namespace selfsight {

QString grouped_number(std::int64_t number);  // "60,000"
QString duration_words(double seconds);       // "40 s", "6 min", "2 h 31 min"
/// As few digits as tell it: "40", "1.5".
QString number_words(double number);
/// As a person typed it: a comma may stand for the point. Texts that are no such number stay.
QString with_point(const QString& typed);
QString percent_words(double part, int decimals = 0);  // "34 %"
/// The home folder as "~".
QString path_words(const QString& path);
/// Words of core, which knows no Qt, in the window's language: a translation finds them whole in
/// the context "core". Those with numbers in them stay as core says them.
QString core_words(const std::string& text);
/// "1 image", "60,000 images".
QString count_words(std::int64_t number, const QString& one, const QString& many);

}  // namespace selfsight
