#include "app/places/numbers_card.h"

#include <QHeaderView>
#include <QItemSelectionModel>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/places/evaluation_words.h"
#include "app/places/save_plot.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/fact_table.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

QString encoder_words(const std::string& metric) {
  if (metric.ends_with("_random_encoder")) return NumbersCard::tr(", random encoder");
  if (metric.ends_with("_raw_pixels")) return NumbersCard::tr(", raw pixels");
  if (metric.ends_with("_from_scratch")) return NumbersCard::tr(", from scratch");
  return {};
}

/// Of one probe the encoders are told apart; of health and clusters, what was measured.
QString title_of(const Evaluation& e) {
  if (e.kind == "health" || e.kind == "clusters")
    return NumbersCard::tr("%1, %2").arg(kind_words(e.kind), metric_words(e.metric));
  return kind_words(e.kind) + encoder_words(e.metric);
}

QString json_words(const Json& value) {
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  if (value.is_number_integer()) return grouped_number(value.get<std::int64_t>());
  if (value.is_number()) return QString::number(value.get<double>(), 'g', 4);
  return QString::fromStdString(value.dump());
}

/// Nested parts by their names, one under the other.
void append_facts(const Json& json, QList<QPair<QString, QString>>& facts) {
  for (const auto& [key, value] : json.items()) {
    // Shown as a matrix, and by Health.
    if (key == "confusion" || key == "class_names" || key == "picture") continue;
    if (value.is_object()) {
      append_facts(value, facts);
      continue;
    }
    QString name = QString::fromStdString(key);
    facts.append({name.replace('_', ' '), json_words(value)});
  }
}

}  // namespace

NumbersCard::NumbersCard(QWidget* parent) : Card(tr("Every number"), parent) {
  set_subtitle(tr("click one for its protocol"));
  table_ = new QTableWidget(0, 2, this);
  table_->setObjectName(QStringLiteral("numbers"));
  table_->setAccessibleName(tr("Numbers measured for this run"));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setShowGrid(false);
  table_->setFrameShape(QFrame::NoFrame);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(measures::row);
  table_->horizontalHeader()->hide();
  table_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  table_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  opened_ = label({}, Voice::heading, this);
  opened_->setObjectName(QStringLiteral("opened_protocol"));
  facts_ = new FactTable(this);
  facts_->setObjectName(QStringLiteral("protocol_facts"));
  facts_->setAccessibleName(tr("Protocol"));
  body()->addWidget(table_);
  body()->addWidget(opened_);
  body()->addWidget(facts_);
  opened_->hide();
  facts_->hide();
  const auto open = [this](int row) { open_row(row); };
  connect(table_, &QTableWidget::currentCellChanged, this, open);
  // The current one again, once something else is open.
  connect(table_, &QTableWidget::cellClicked, this, open);
  connect(table_, &QTableWidget::cellActivated, this, open);
}

void NumbersCard::offer(Workspace& workspace) {
  const QStringList csv{QStringLiteral("csv")};
  offer_files(table_, workspace, QStringLiteral("numbers"), csv,
              [this](const QString&) { return as_csv(); });
  offer_files(facts_, workspace, QStringLiteral("protocol"), csv,
              [this](const QString&) { return facts_->as_csv(); });
}

QByteArray NumbersCard::as_csv() const {
  QStringList lines{QStringLiteral("number,value,protocol")};
  for (const Number& number : numbers_)
    lines << csv_text(number.title) + QLatin1Char(',') + csv_text(number.value) + QLatin1Char(',') +
                 csv_text(number.protocol);
  return (lines.join(QLatin1Char('\n')) + QLatin1Char('\n')).toUtf8();
}

void NumbersCard::show_numbers(const std::vector<Evaluation>& evaluations,
                               const std::string& home) {
  std::map<QString, Number> newest;
  std::vector<QString> order;
  for (const Evaluation& e : evaluations) {
    if (e.kind == "labels") continue;
    const Json protocol = Json::parse(e.protocol, nullptr, false);
    const std::string on = protocol.is_object() ? protocol.value("dataset", home) : home;
    QString title = title_of(e);
    if (on != home) title = tr("Transfer to %1: %2").arg(QString::fromStdString(on), title);
    if (!newest.contains(title)) order.push_back(title);
    newest[title] = {title, value_words(e.kind, e.value), QString::fromStdString(e.protocol)};
  }
  numbers_.clear();
  for (const QString& title : order) numbers_.push_back(newest[title]);
  const QSignalBlocker quiet(table_);
  table_->setRowCount(static_cast<int>(numbers_.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const Number& number = numbers_[static_cast<std::size_t>(row)];
    table_->setItem(row, 0, new QTableWidgetItem(number.title));
    auto* value = new QTableWidgetItem(number.value);
    value->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    table_->setItem(row, 1, value);
  }
  table_->setFixedHeight(table_->rowCount() * measures::row + 2);
  table_->setVisible(table_->rowCount() > 0);
  reopen(evaluations);
}

/// A point of a curve stays open while its measurement is among these.
void NumbersCard::reopen(const std::vector<Evaluation>& evaluations) {
  const auto same = std::ranges::find_if(
      numbers_, [this](const Number& number) { return number.title == opened_number_; });
  if (same != numbers_.end()) {
    const int row = static_cast<int>(same - numbers_.begin());
    table_->setCurrentCell(row, 0);
    return open_row(row);
  }
  table_->selectionModel()->clear();
  const bool point =
      opened_number_.isEmpty() && std::ranges::any_of(evaluations, [this](const Evaluation& e) {
        return e.protocol == opened_protocol_;
      });
  if (!point) open_protocol({}, {});
}

void NumbersCard::open_row(int row) {
  if (row < 0 || static_cast<std::size_t>(row) >= numbers_.size()) return;
  const Number& number = numbers_[static_cast<std::size_t>(row)];
  open_protocol(QStringLiteral("%1: %2").arg(number.title, number.value), number.protocol);
  opened_number_ = number.title;
}

void NumbersCard::open_protocol(const QString& title, const QString& protocol) {
  QList<QPair<QString, QString>> facts;
  const Json json = Json::parse(protocol.toStdString(), nullptr, false);
  if (json.is_object()) append_facts(json, facts);
  opened_->setText(title);
  opened_->setVisible(!title.isEmpty());
  facts_->set_facts(facts);
  facts_->setVisible(!facts.isEmpty());
  opened_number_.clear();
  opened_protocol_ = protocol.toStdString();
}

}  // namespace selfsight
