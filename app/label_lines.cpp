#include "app/label_lines.h"

#include <QApplication>
#include <map>

#include "core/base/error.h"
#include "core/base/files.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr QSize picture_size(820, 480);

struct Look {
  std::int64_t colour;
  Qt::PenStyle dash;
};

Look look_of(const std::string& line) {
  static const std::map<std::string, Look> looks{{"linear", {4, Qt::SolidLine}},
                                                 {"finetune", {1, Qt::SolidLine}},
                                                 {"scratch", {3, Qt::SolidLine}},
                                                 {"random", {2, Qt::DashLine}},
                                                 {"pixels", {-1, Qt::DotLine}}};
  const auto found = looks.find(line);
  return found == looks.end() ? Look{0, Qt::SolidLine} : found->second;
}

}  // namespace

std::vector<LabelCurveLine> drawn_lines(const std::vector<LabelLine>& curve) {
  std::vector<LabelCurveLine> out;
  for (const LabelLine& line : curve) {
    const Look look = look_of(line.line);
    LabelCurveLine drawn{QString::fromStdString(line_title(line)), look.colour, look.dash, {}};
    for (const LabelMean& mean : line.means)
      drawn.points.push_back({static_cast<double>(mean.labels), mean.mean, mean.band,
                              QString::fromStdString(mean.size),
                              QString::fromStdString(mean.protocol)});
    out.push_back(std::move(drawn));
  }
  return out;
}

void save_label_curve(int argc, char** argv, const std::vector<LabelLine>& curve,
                      const std::filesystem::path& file) {
  const std::string ending = file.extension().string();
  if (ending != ".svg" && ending != ".png" && ending != ".pdf" && ending != ".csv")
    throw InputError("A plot is saved as .svg, .png, .pdf or .csv, not as " + file.string() + ".");
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  apply_theme(app, Scheme::light);
  LabelCurve plot(QStringLiteral("label_curve"));
  plot.resize(picture_size);
  plot.set_lines(drawn_lines(curve));
  plot.show();
  QApplication::processEvents();  // it is laid out once it is shown
  const QByteArray bytes = plot.rendered(QString::fromStdString(ending.substr(1)));
  write_file(file, std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

}  // namespace selfsight
