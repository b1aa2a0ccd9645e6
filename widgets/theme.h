// The tokens of the look: every colour and measure of Selfsight stands here and nowhere else.
#pragma once

#include <QColor>
#include <QFont>
#include <QString>
#include <cstdint>

class QApplication;

namespace selfsight {

enum class Scheme : std::uint8_t { light, dark };

/// `well` is sunk below the ground: the left bar, a verdict inside a card.
struct Tokens {
  QColor ground, surface, raised, line, grid, text, soft, faint, accent, accent_ground, good, warn,
      bad, well, on_accent;
};

/// Measures in device-independent pixels, on a grid of 8.
namespace measures {
inline constexpr int margin = 16, gap = 16, padding = 12;
inline constexpr int radius_card = 8, radius_button = 6, radius_picture = 4;
inline constexpr int row = 30, button = 28, top_strip = 40, left_bar = 84, bottom_strip = 28;
}  // namespace measures

Scheme current_scheme();
const Tokens& tokens();  // of the current scheme
const Tokens& tokens(Scheme scheme);

/// As long as it lives, tokens() are the light ones: for what is drawn on paper.
class Paper {
 public:
  Paper();
  ~Paper();
  Paper(const Paper&) = delete;
  Paper& operator=(const Paper&) = delete;

 private:
  Scheme before_;
};

/// WCAG 2's contrast of two opaque colours, 1 to 21; it asks for this much.
inline constexpr double legible = 4.5;
double contrast_ratio(const QColor& a, const QColor& b);
/// Legible on this opaque ground: a token where one is, or else black or white.
QColor readable_on(const QColor& ground);

/// Sets fonts, palette, style and style sheet of the whole program; widgets hear PaletteChange.
/// Numbers are shown with a point whatever the desktop's locale, as they stand in files, reports
/// and on the command line.
void apply_theme(QApplication& app, Scheme scheme);

/// A run or a label keeps its colour everywhere and for ever; after six colours come the same ones
/// with other marks and dashes.
QColor series_colour(std::int64_t id);
Qt::PenStyle series_dash(std::int64_t id);

/// From little (0) to much (1), in equal steps of lightness.
QColor ramp_colour(double part);

QFont body_font();     // 13 px
QFont soft_font();     // 12 px, second voice
QFont title_font();    // 15 px semibold: a place
QFont heading_font();  // 13 px semibold: a card

}  // namespace selfsight
