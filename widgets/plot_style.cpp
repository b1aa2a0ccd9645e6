#include "widgets/plot_style.h"

#include <QBuffer>
#include <QPdfWriter>
#include <QSvgGenerator>

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

QByteArray rendered_plot(QCustomPlot& plot, const QString& format) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const QSize size = plot.size();
  if (format == QLatin1String("png")) {
    QPixmap picture(size * 2);
    picture.setDevicePixelRatio(2);
    picture.fill(tokens().surface);
    QCPPainter painter(&picture);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
    picture.save(&buffer, "PNG");
  } else if (format == QLatin1String("svg")) {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    QCPPainter painter(&svg);
    painter.setMode(QCPPainter::pmVectorized);
    plot.toPainter(&painter, size.width(), size.height());
  } else {
    QPdfWriter pdf(&buffer);
    pdf.setPageSize(QPageSize(QSizeF(size) * 0.75, QPageSize::Point));
    pdf.setPageMargins({});
    pdf.setResolution(96);
    QCPPainter painter(&pdf);
    painter.setMode(QCPPainter::pmVectorized);
    plot.toPainter(&painter, size.width(), size.height());
  }
  return bytes;
}

}  // namespace selfsight
