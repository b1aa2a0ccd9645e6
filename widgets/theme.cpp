#include "widgets/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QLocale>
#include <QPalette>
#include <QRegularExpression>
#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <utility>

#include "widgets/style.h"

// Outside the namespace, as Qt asks: a static library's resources are not registered by themselves.
static void register_resources() {
  Q_INIT_RESOURCE(look);
}

namespace selfsight {
namespace {

QColor rgb(QRgb value) {
  return QColor::fromRgb(value);
}

const Tokens light_tokens{.ground = rgb(0xF6F7F9),
                          .surface = rgb(0xFFFFFF),
                          .raised = rgb(0xFFFFFF),
                          .line = rgb(0xE2E6EB),
                          .grid = rgb(0xECEFF3),
                          .text = rgb(0x1B2027),
                          .soft = rgb(0x5C6672),
                          .faint = rgb(0x8B95A1),
                          .accent = rgb(0x2F6FDE),
                          .accent_ground = rgb(0xE8F0FD),
                          .good = rgb(0x1F8A5B),
                          .warn = rgb(0xB7791F),
                          .bad = rgb(0xC0392B),
                          .well = rgb(0xEEF1F5),
                          .on_accent = rgb(0xFFFFFF)};

const Tokens dark_tokens{.ground = rgb(0x14171C),
                         .surface = rgb(0x1B1F26),
                         .raised = rgb(0x222833),
                         .line = rgb(0x2B323D),
                         .grid = rgb(0x262C36),
                         .text = rgb(0xE6EAEF),
                         .soft = rgb(0x9BA6B4),
                         .faint = rgb(0x6F7A88),
                         .accent = rgb(0x6EA0FF),
                         .accent_ground = rgb(0x23314D),
                         .good = rgb(0x4CC38A),
                         .warn = rgb(0xE0B04C),
                         .bad = rgb(0xF0716A),
                         .well = rgb(0x101317),
                         .on_accent = rgb(0x10151D)};

/// Okabe and Ito's, told apart by colour-blind people too.
constexpr std::array<QRgb, 6> series_colours{0x0072B2, 0xE69F00, 0x009E73,
                                             0xCC79A7, 0x56B4E9, 0xD55E00};
/// Viridis (Smith and van der Walt 2015) at equal distances.
constexpr std::array<QRgb, 6> ramp_steps{0x440154, 0x414487, 0x2A788E,
                                         0x22A884, 0x7AD151, 0xFDE725};
constexpr std::array<Qt::PenStyle, 4> dashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine,
                                             Qt::DashDotLine};

Scheme scheme_in_use = Scheme::light;

/// Relative, as WCAG 2 defines it.
double luminance(const QColor& colour) {
  const auto linear = [](double part) {
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
         0.0722 * linear(colour.blueF());
}

QPalette palette_of(const Tokens& t) {
  QPalette palette;
  palette.setColor(QPalette::Window, t.ground);
  palette.setColor(QPalette::WindowText, t.text);
  palette.setColor(QPalette::Base, t.surface);
  palette.setColor(QPalette::AlternateBase, t.ground);
  palette.setColor(QPalette::Text, t.text);
  palette.setColor(QPalette::PlaceholderText, t.soft);
  palette.setColor(QPalette::Button, t.raised);
  palette.setColor(QPalette::ButtonText, t.text);
  palette.setColor(QPalette::BrightText, t.on_accent);
  palette.setColor(QPalette::ToolTipBase, t.raised);
  palette.setColor(QPalette::ToolTipText, t.text);
  palette.setColor(QPalette::Highlight, t.accent);
  palette.setColor(QPalette::HighlightedText, t.on_accent);
  palette.setColor(QPalette::Link, t.accent);
  palette.setColor(QPalette::LinkVisited, t.accent);
  palette.setColor(QPalette::Light, t.raised);
  palette.setColor(QPalette::Midlight, t.grid);
  palette.setColor(QPalette::Mid, t.line);
  palette.setColor(QPalette::Dark, t.faint);
  palette.setColor(QPalette::Shadow, t.line);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, t.faint);
  palette.setColor(QPalette::Disabled, QPalette::Highlight, t.line);
  return palette;
}

QColor token_named(const Tokens& t, const QString& name) {
  const std::pair<const char*, QColor> table[] = {{"ground", t.ground},
                                                  {"surface", t.surface},
                                                  {"raised", t.raised},
                                                  {"line", t.line},
                                                  {"grid", t.grid},
                                                  {"text", t.text},
                                                  {"soft", t.soft},
                                                  {"faint", t.faint},
                                                  {"accent", t.accent},
                                                  {"good", t.good},
                                                  {"accent_ground", t.accent_ground},
                                                  {"warn", t.warn},
                                                  {"bad", t.bad},
                                                  {"well", t.well},
                                                  {"on_accent", t.on_accent}};
  for (const auto& [word, colour] : table)
    if (name == QLatin1String(word)) return colour;
  qFatal("The style sheet names an unknown token: %s", qPrintable(name));
}

QString style_sheet(const Tokens& t) {
  QFile file(QStringLiteral(":/style/window.qss"));
  if (!file.open(QIODevice::ReadOnly)) qFatal("The style sheet is not in the program.");
  const QString source = QString::fromUtf8(file.readAll());
  static const QRegularExpression token(QStringLiteral("@([a-z_]+)"));
  QString sheet;
  qsizetype end = 0;
  for (auto it = token.globalMatch(source); it.hasNext();) {
    const auto match = it.next();
    sheet += QStringView(source).mid(end, match.capturedStart() - end);
    sheet += token_named(t, match.captured(1)).name();
    end = match.capturedEnd();
  }
  sheet += QStringView(source).mid(end);
  return sheet;
}

QFont font_of(int pixels, QFont::Weight weight) {
  static const bool inter = QFontDatabase::families().contains(QStringLiteral("Inter"));
  QFont font = inter ? QFont(QStringLiteral("Inter"))
                     : QFontDatabase::systemFont(QFontDatabase::GeneralFont);
  font.setPixelSize(pixels);
  font.setWeight(weight);
  return font;
}

}  // namespace

Scheme current_scheme() {
  return scheme_in_use;
}
const Tokens& tokens() {
  return tokens(scheme_in_use);
}
const Tokens& tokens(Scheme scheme) {
  return scheme == Scheme::dark ? dark_tokens : light_tokens;
}

Paper::Paper() : before_(std::exchange(scheme_in_use, Scheme::light)) {}
Paper::~Paper() {
  scheme_in_use = before_;
}

double contrast_ratio(const QColor& a, const QColor& b) {
  const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
  return (lighter + 0.05) / (darker + 0.05);
}

QColor readable_on(const QColor& ground) {
  const Tokens& t = tokens();
  const auto clearer = [&](const QColor& a, const QColor& b) {
    return contrast_ratio(a, ground) >= contrast_ratio(b, ground) ? a : b;
  };
  const QColor ours = clearer(t.text, t.on_accent);
  return contrast_ratio(ours, ground) >= legible ? ours : clearer(Qt::black, Qt::white);
}

void apply_theme(QApplication& app, Scheme scheme) {
  register_resources();
  scheme_in_use = scheme;
  QLocale::setDefault(QLocale::c());
  std::setlocale(LC_NUMERIC, "C");  // QApplication took the desktop's
  QApplication::setStyle(new Style);
  QApplication::setFont(body_font());
  QApplication::setPalette(palette_of(tokens()));
  app.setStyleSheet(style_sheet(tokens()));
}

QColor series_colour(std::int64_t id) {
  return rgb(series_colours[static_cast<std::uint64_t>(id) % series_colours.size()]);
}

Qt::PenStyle series_dash(std::int64_t id) {
  return dashes[static_cast<std::uint64_t>(id) / series_colours.size() % dashes.size()];
}

QColor ramp_colour(double part) {
  const double at = std::clamp(part, 0.0, 1.0) * (ramp_steps.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), ramp_steps.size() - 2);
  const QColor from = rgb(ramp_steps[below]), to = rgb(ramp_steps[below + 1]);
  const double rest = at - static_cast<double>(below);
  const auto mixed = [rest](int a, int b) {
    return static_cast<int>(std::lround(a + rest * (b - a)));
  };
  return QColor(mixed(from.red(), to.red()), mixed(from.green(), to.green()),
                mixed(from.blue(), to.blue()));
}

QFont body_font() {
  return font_of(13, QFont::Normal);
}
QFont soft_font() {
  return font_of(12, QFont::Normal);
}
QFont title_font() {
  return font_of(15, QFont::DemiBold);
}
QFont heading_font() {
  return font_of(13, QFont::DemiBold);
}

}  // namespace selfsight
