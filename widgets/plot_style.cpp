#include "widgets/plot_style.h"

#include "widgets/qcp.h"
#include "widgets/theme.h"

namespace selfsight {

void style_plot(QCustomPlot& plot) {
  const Tokens& t = tokens();
  plot.setBackground(QBrush(Qt::transparent));
  plot.setAttribute(Qt::WA_OpaquePaintEvent, false);
  for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
    axis->setBasePen(Qt::NoPen);
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(t.faint);
    axis->setTickLabelFont(soft_font());
    axis->setLabelColor(t.faint);
    axis->setLabelFont(soft_font());
    axis->grid()->setSubGridVisible(false);
    axis->grid()->setZeroLinePen(Qt::NoPen);
    axis->grid()->setPen(QPen(t.grid, 1));
  }
  plot.xAxis->grid()->setVisible(false);
}

}  // namespace selfsight
