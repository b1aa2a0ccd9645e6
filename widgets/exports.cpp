#include "widgets/exports.h"

#include <QAbstractItemModel>
#include <QAbstractScrollArea>
#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

#include "widgets/theme.h"

namespace selfsight {

QStringList all_formats() {
  return {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"),
          QStringLiteral("csv")};
}

void add_exports(QMenu& menu, const QStringList& formats,
                 const std::function<void(const QString&)>& chosen) {
  for (const QString& format : formats)
    menu.addAction(QCoreApplication::translate("exports", "Save as %1…").arg(format.toUpper()),
                   &menu, [chosen, format] { chosen(format); });
}

void offer_exports(QWidget* widget, const QStringList& formats,
                   const std::function<void(const QString&)>& chosen) {
  widget->setContextMenuPolicy(Qt::CustomContextMenu);
  QObject::connect(widget, &QWidget::customContextMenuRequested, widget, [=](const QPoint& at) {
    auto* menu = new QMenu(widget);
    menu->setObjectName(QStringLiteral("export_menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    add_exports(*menu, formats, chosen);
    const auto* area = qobject_cast<QAbstractScrollArea*>(widget);
    menu->popup((area ? area->viewport() : widget)->mapToGlobal(at));
  });
}

QByteArray drawn_file(const QSize& size, const QString& format,
                      const std::function<void(QPaintDevice&)>& draw) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (format == QLatin1String("png")) {
    QImage picture(size * 2, QImage::Format_RGB32);
    picture.setDevicePixelRatio(2);
    draw(picture);
    picture.save(&buffer, "PNG");
  } else if (format == QLatin1String("svg")) {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    draw(svg);
  } else {
    QPdfWriter pdf(&buffer);
    pdf.setPageSize(QPageSize(QSizeF(size) * 0.75, QPageSize::Point));
    pdf.setPageMargins({});
    pdf.setResolution(96);
    draw(pdf);
  }
  return bytes;
}

QByteArray painted_file(const QSize& size, const QString& format,
                        const std::function<void(QPainter&)>& paint) {
  const Paper paper;
  return drawn_file(size, format, [&](QPaintDevice& device) {
    QPainter painter(&device);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRect(QPoint(), size), tokens().surface);
    paint(painter);
  });
}

QString csv_text(const QString& text) {
  QString quoted = text;
  quoted.replace(QLatin1Char('"'), QLatin1String("\"\""));
  return QLatin1Char('"') + quoted + QLatin1Char('"');
}

QByteArray model_as_csv(const QAbstractItemModel& model, int role) {
  QStringList lines, cells;
  for (int column = 0; column < model.columnCount(); ++column)
    cells << csv_text(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
  lines << cells.join(QLatin1Char(','));
  for (int row = 0; row < model.rowCount(); ++row) {
    cells.clear();
    for (int column = 0; column < model.columnCount(); ++column) {
      const QVariant cell = model.index(row, column).data(role);
      const bool text = cell.typeId() == QMetaType::QString;
      cells << (text ? csv_text(cell.toString()) : cell.toString());
    }
    lines << cells.join(QLatin1Char(','));
  }
  return (lines.join(QLatin1Char('\n')) + QLatin1Char('\n')).toUtf8();
}

}  // namespace selfsight
