#include "widgets/plot_style.h"

#include <algorithm>

#include "widgets/exports.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int legend_gap = 12;  // between two columns

}  // namespace

void style_plot(QCustomPlot& plot) {
  const Tokens& t = tokens();
  plot.setBackground(QBrush(t.surface));  // so that the card behind it need not be painted
  for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
    axis->setBasePen(Qt::NoPen);
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(t.soft);
    axis->setTickLabelFont(soft_font());
    axis->setLabelColor(t.soft);
    axis->setLabelFont(soft_font());
    axis->grid()->setSubGridVisible(false);
    axis->grid()->setZeroLinePen(Qt::NoPen);
    axis->grid()->setPen(QPen(t.grid, 1));
  }
  plot.xAxis->grid()->setVisible(false);
  plot.legend->setBrush(Qt::NoBrush);
  plot.legend->setBorderPen(Qt::NoPen);
  plot.legend->setFont(soft_font());
  plot.legend->setTextColor(t.soft);
}

QByteArray rendered_plot(QCustomPlot& plot, const QString& format,
                         const std::function<void()>& restyle) {
  QByteArray bytes;
  {
    const Paper paper;
    restyle();
    QSize size = plot.size();
    if (plot.legend->layout() == plot.plotLayout())
      size.rheight() += plot.legend->minimumOuterSizeHint().height();
    bytes = drawn_file(size, format, [&](QPaintDevice& device) {
      QCPPainter painter(&device);
      if (format != QLatin1String("png")) painter.setMode(QCPPainter::pmVectorized);
      painter.fillRect(QRect(QPoint(), size), tokens().surface);
      plot.toPainter(&painter, size.width(), size.height());
    });
  }
  restyle();
  return bytes;
}

LegendAbove::LegendAbove(QCustomPlot& plot) : plot_(plot) {
  int widest = 1;
  for (int i = 0; i < plot.legend->itemCount(); ++i)
    widest = std::max(widest, plot.legend->item(i)->minimumOuterSizeHint().width());
  plot.legend->setFillOrder(QCPLayoutGrid::foColumnsFirst);
  plot.legend->setWrap(std::max(1, plot.width() / (widest + legend_gap)));
  plot.legend->setVisible(true);
  plot.plotLayout()->insertRow(0);
  plot.plotLayout()->addElement(0, 0, plot.legend);
  plot.plotLayout()->setRowStretchFactor(0, 0.001);  // no more than it needs
}

LegendAbove::~LegendAbove() {
  plot_.plotLayout()->take(plot_.legend);
  plot_.plotLayout()->simplify();
  plot_.axisRect()->insetLayout()->addElement(plot_.legend, Qt::AlignRight | Qt::AlignTop);
  plot_.legend->setVisible(false);
}

QString plot_entry(const QColor& colour, const QString& title, const QString& value) {
  const auto unbroken = [](const QString& text) {
    return text.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;"));
  };
  return QStringLiteral("<span style='color:%1'>●</span>&nbsp;%2&nbsp;<b>%3</b>")
      .arg(colour.name(), unbroken(title), unbroken(value));
}

}  // namespace selfsight
