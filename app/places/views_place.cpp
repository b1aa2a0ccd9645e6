#include "app/places/views_place.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QRandomGenerator>
#include <QShortcut>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/ask.h"
#include "app/places/kept_controls.h"
#include "app/places/method_choice.h"
#include "app/places/run_choice.h"
#include "app/places/save_plot.h"
#include "app/places/seed_field.h"
#include "app/places/settings_undo.h"
#include "app/workspace.h"
#include "core/training/run_spec.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/field_words.h"
#include "widgets/help_card.h"
#include "widgets/input_rows.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"
#include "widgets/view_pairs.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int usual_count = 6, largest_count = 64, last_epoch = 100000;
constexpr int masked_column = 2;     // of the rows of a masked view
constexpr int largest_seed = 10000;  // of those that Re-roll draws: short enough to note down

QSpinBox* spin_box(const QString& name, const QString& words, int from, int to, QWidget* parent) {
  auto* made = new QSpinBox(parent);
  made->setObjectName(name);
  made->setAccessibleName(words);
  made->setToolTip(words);
  made->setRange(from, to);
  made->setKeyboardTracking(false);
  guard_value(made);
  return made;
}

/// What a slider's switch turns it to.
std::optional<double> off_value(const Field& field) {
  if (field.key == "views.crop_min") return field.max;
  if (field.key.starts_with("views.") && field.min == 0) return 0.0;
  return std::nullopt;
}

/// Groups of options that say what is asked of the views: masks, tiles, local crops.
constexpr std::array task_prefixes{"second_view", "crops", "mask", "blocks", "tiles", "region"};

bool is_of_task(const Field& field) {
  return std::ranges::any_of(task_prefixes, [&](const std::string& prefix) {
    return field.key.starts_with(prefix + '.');
  });
}

QStringList task_groups(const Settings& settings) {
  QStringList groups;
  for (const std::string prefix : task_prefixes)
    if (std::ranges::any_of(settings.schema(), [&](const Field& field) {
          return field.key.starts_with(prefix + '.');
        }))
      groups.append(group_label(prefix));
  return groups;
}

/// A form of one group has no headings of its own.
QString task_title(const Settings& settings) {
  const QStringList groups = task_groups(settings);
  return groups.size() == 1 ? groups.first() : ViewsPlace::tr("What is asked");
}

}  // namespace

ViewsPlace::ViewsPlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Views"), workspace, parent),
      help_(new HelpCard(this)),
      drawing_(new Latest<ViewsAnswer>(this)),
      comparing_(new Latest<std::vector<std::optional<double>>>(this)),
      loading_(new Latest<ViewsModel>(this)) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  set_help(help_);
  connect(&workspace, &Workspace::settings_changed, this, [this] {
    show_settings();
    ask_for_views();
  });
  connect(&workspace, &Workspace::dataset_changed, this, [this] {
    page_ = 0;
    clear_views();
    show_settings();
    ask_for_views();
    if (!model_.model) load_model();  // before, this place may have been there but not seen
  });
  connect(&workspace, &Workspace::dataset_changed, this, &ViewsPlace::forget_hand_masks);
  connect(&workspace, &Workspace::current_run_changed, this, &ViewsPlace::load_model);
  connect(&workspace, &Workspace::runs_changed, this, &ViewsPlace::load_model);
  const auto on = [this](Qt::Key key, auto act) {
    connect(
        new QShortcut(QKeySequence(key), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
        &QShortcut::activated, this, act);
  };
  on(Qt::Key_R, [this] { re_roll(); });
  on(Qt::Key_B, [this] { blink_->isVisible() ? blink_->click() : void(); });
  on(Qt::Key_D, [this] { difference_->isVisible() ? difference_->click() : void(); });
  show_settings();
}

void ViewsPlace::build_head() {
  methods_ = new MethodChoice(QStringLiteral("view_method"), this);
  add_about_widget(methods_);
  add_action_widget(new SettingsUndo(workspace(), this, this));
  add_action_widget(label(tr("epoch"), Voice::soft, this));
  epoch_ = spin_box(QStringLiteral("epoch"),
                    tr("Epoch whose views are shown; 1 is the first pass over the images"), 1,
                    last_epoch, this);
  epoch_->setFixedWidth(74);
  add_action_widget(epoch_);
  add_action_widget(label(tr("seed"), Voice::soft, this));
  seed_ = new SeedField(this);
  add_action_widget(seed_);
  auto* roll = button(tr("Re-roll"), QStringLiteral("re_roll"), ButtonKind::plain, this);
  roll->setToolTip(tr("Other views: of another seed, or of the next epoch while it is locked (R)"));
  add_action_widget(roll);
  auto* sheet =
      button(tr("Contact sheet"), QStringLiteral("contact_sheet"), ButtonKind::plain, this);
  sheet->setToolTip(tr("Save what is shown as one picture"));
  add_action_widget(sheet);
  connect(methods_, &MethodChoice::chosen, this, [this](const QString& method) {
    workspace().set_settings(settings_for_method(workspace().settings(), method.toStdString()));
  });
  connect(epoch_, &QSpinBox::valueChanged, this, &ViewsPlace::ask_for_views);
  connect(seed_, &SeedField::seed_changed, this,
          [this](std::int64_t seed) { change(QStringLiteral("train.seed"), seed); });
  connect(roll, &QPushButton::clicked, this, &ViewsPlace::re_roll);
  connect(sheet, &QPushButton::clicked, this, &ViewsPlace::save_contact_sheet);
}

QWidget* ViewsPlace::build_main() {
  auto* card = new Card(tr("What the encoder sees"), this);
  others_ = button(tr("Other images"), QStringLiteral("other_images"), ButtonKind::link, card);
  others_->setToolTip(tr("The next handful of training images"));
  card->add_to_head(others_);
  const auto chip = [card](const QString& words, const char* name, const QString& tip) {
    auto* made = button(words, QString::fromLatin1(name), ButtonKind::chip, card);
    made->setCheckable(true);
    made->setToolTip(tip);
    card->add_to_head(made);
    return made;
  };
  blink_ = chip(tr("Blink"), "blink", tr("Show A and B in turn, in one place (B)"));
  difference_ = chip(tr("Difference"), "difference",
                     tr("Show how far A and B are apart, pixel by pixel (D)"));
  by_rule_ = button(tr("Mask by rule"), QStringLiteral("mask_by_rule"), ButtonKind::link, card);
  by_rule_->setToolTip(tr("Forget the patches that were clicked"));
  by_rule_->hide();
  card->add_to_head(by_rule_);
  card->add_to_head(label(tr("show"), Voice::soft, card));
  count_ = spin_box(QStringLiteral("image_count"), tr("How many images are shown"), 1,
                    largest_count, card);
  count_->setValue(usual_count);
  keep_number(count_);
  card->add_to_head(count_);
  card->add_to_head(label(tr("image"), Voice::soft, card));
  image_ = spin_box(QStringLiteral("replay_image"),
                    tr("Replay one image: its number, as Data and maps show it"), -1, -1, card);
  image_->setSpecialValueText(tr("any"));
  image_->setFixedWidth(88);
  card->add_to_head(image_);

  stack_ = new QStackedWidget(card);
  empty_ = new EmptyState(
      tr("The views of your pictures will be here"),
      tr("Open a data set, and each slider shows at once what it does to the pictures."),
      tr("Go to Data"), stack_);
  rows_ = new PictureRows(stack_);
  offer_exports(rows_, {QStringLiteral("png")}, [this](const QString&) { save_contact_sheet(); });
  rows_->setObjectName(QStringLiteral("view_rows"));
  rows_->setAccessibleName(tr("Views"));
  stack_->addWidget(empty_);
  stack_->addWidget(rows_);
  card->body()->addWidget(stack_, 1);
  connect(empty_, &EmptyState::action_wanted, this,
          [this] { Q_EMIT go_to(QStringLiteral("data")); });
  connect(others_, &QPushButton::clicked, this, [this] {
    ++page_;
    ask_for_views();
  });
  connect(blink_, &QPushButton::toggled, this, &ViewsPlace::show_look);
  connect(difference_, &QPushButton::toggled, this, &ViewsPlace::show_look);
  connect(by_rule_, &QPushButton::clicked, this, &ViewsPlace::forget_hand_masks);
  connect(rows_, &PictureRows::picture_pressed, this, &ViewsPlace::press_patch);
  connect(rows_, &PictureRows::picture_dragged, this, &ViewsPlace::paint_patch);
  connect(count_, &QSpinBox::valueChanged, this, &ViewsPlace::ask_for_views);
  connect(image_, &QSpinBox::valueChanged, this, &ViewsPlace::ask_for_views);
  return card;
}

SpecForm* ViewsPlace::make_form(std::function<bool(const Field&)> wanted) {
  auto* form = new SpecForm(this);
  form->set_wanted(std::move(wanted));
  form->set_off_value(off_value);
  connect(form, &SpecForm::value_changed, this, &ViewsPlace::change);
  connect(form, &SpecForm::help_wanted, help_, &HelpCard::explain);
  return form;
}

QWidget* ViewsPlace::build_side() {
  auto* side = new QWidget(this);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);

  next_card_ = new Card(tr("Next"), side);
  auto* pretrain = button(tr("Pretrain with these →"), QStringLiteral("pretrain_with_these"),
                          ButtonKind::primary, next_card_);
  pretrain->setToolTip(tr("Set up a run whose encoder is shown these views"));
  next_card_->body()->addWidget(pretrain, 0, Qt::AlignLeft);
  column->addWidget(next_card_);
  connect(pretrain, &QPushButton::clicked, this, [this] {
    Q_EMIT go_to(QStringLiteral("pretrain"));
    Q_EMIT workspace().setup_wanted();
  });

  task_card_ = new Card({}, side);
  task_card_->setObjectName(QStringLiteral("task_card"));
  task_form_ = make_form(is_of_task);
  task_card_->body()->addWidget(task_form_);
  column->addWidget(task_card_);

  auto* views_card = new Card(tr("Augmentations"), side);
  warning_ = paragraph({}, Voice::verdict, views_card);
  warning_->setObjectName(QStringLiteral("view_warning"));
  warning_->hide();
  views_form_ = make_form([](const Field& field) { return field.key.starts_with("views."); });
  views_card->body()->addWidget(warning_);
  views_card->body()->addWidget(views_form_);
  views_card->body()->addWidget(paragraph(
      tr("These are the views that the next run will see: same code, same random numbers."),
      Voice::soft, views_card));
  auto* likeness = new QHBoxLayout;
  likeness_words_ = label(tr("similarity under"), Voice::soft, views_card);
  runs_ = new RunChoice(QStringLiteral("views_run"), workspace(), views_card);
  runs_->setAccessibleName(tr("Run whose encoder tells how alike the views are"));
  runs_->setToolTip(runs_->accessibleName());
  runs_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  likeness->addWidget(likeness_words_);
  likeness->addWidget(runs_, 1);
  views_card->body()->addLayout(likeness);
  likeness_reason_ = paragraph({}, Voice::soft, views_card);
  likeness_reason_->setObjectName(QStringLiteral("likeness_reason"));
  likeness_reason_->hide();
  views_card->body()->addWidget(likeness_reason_);
  column->addWidget(views_card);

  column->addStretch(1);
  return side;
}

void ViewsPlace::enter() {
  load_model();
  ask_for_views();
}

void ViewsPlace::changeEvent(QEvent* event) {
  Place::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) ask_for_views();  // hidden patches change colour
}

void ViewsPlace::show_settings() {
  const Settings& settings = workspace().settings();
  methods_->set_current(QString::fromStdString(settings.get<std::string>("method.name")));
  seed_->set_seed(settings.get<std::int64_t>("train.seed"));
  task_card_->set_title(task_title(settings));
  task_card_->setVisible(!task_groups(settings).isEmpty());
  task_form_->show_settings(settings);
  views_form_->show_settings(settings);
  const auto dataset = workspace().dataset();
  const QSignalBlocker quiet(image_);
  image_->setMaximum(dataset ? static_cast<int>(dataset->size()) - 1 : -1);
  stack_->setCurrentIndex(dataset ? 1 : 0);
  next_card_->setVisible(dataset != nullptr);
}

void ViewsPlace::change(const QString& key, const Value& value) {
  Settings settings = workspace().settings();
  settings.set(key.toStdString(), value);
  workspace().set_settings(settings);
}

void ViewsPlace::re_roll() {
  forget_hand_masks();
  if (seed_->locked())
    epoch_->setValue(epoch_->value() + 1);
  else
    change(QStringLiteral("train.seed"),
           std::int64_t(QRandomGenerator::global()->bounded(largest_seed)));
}

void ViewsPlace::ask_for_views() {
  const auto dataset = workspace().dataset();
  if (!dataset || !isVisible()) return;
  if (!originals_ || originals_->dataset() != dataset)
    originals_ = std::make_shared<OriginalCache>(dataset);
  const bool replay = image_->value() >= 0;
  count_->setEnabled(!replay);
  others_->setEnabled(!replay);
  ViewsQuestion question{.originals = originals_,
                         .settings = workspace().settings(),
                         .ids = {},
                         .epoch = epoch_->value() - 1,
                         .model = model_,
                         .cover = tokens().faint,
                         .hand_masks = hand_masks_};
  if (replay) question.ids = {image_->value()};
  drawing_->ask(
      [question, dataset, count = count_->value(), page = page_](Control&) mutable {
        if (question.ids.empty()) question.ids = preview_images(*dataset, count, page);
        return draw_views(question);
      },
      [this, dataset](const ViewsAnswer& answer) {
        if (dataset == workspace().dataset()) show_views(answer);
      },
      [this](const QString& message) { Q_EMIT workspace().problem(message); });
}

void ViewsPlace::show_views(const ViewsAnswer& answer) {
  QStringList warnings{answer.problem};
  warnings << answer.warnings
           << view_warnings(workspace().settings(), workspace().dataset()->channels());
  warnings.removeAll(QString());
  warning_->setText(warnings.join(QLatin1Char('\n')));
  set_mood(warning_, answer.problem.isEmpty() ? Mood::warn : Mood::bad);
  warning_->setVisible(!warnings.isEmpty());
  if (!answer.problem.isEmpty()) return;  // the last good pictures stay
  answer_ = answer;
  show_look();
  ++shown_;
  ask_for_similarities(answer);
}

/// Those of another data set must not pass for what is drawn, or cannot be.
void ViewsPlace::clear_views() {
  answer_ = {};
  ++shown_;
  warning_->hide();
  likeness_reason_->hide();
  show_look();
}

void ViewsPlace::ask_for_similarities(const ViewsAnswer& answer) {
  const bool pairs =
      std::ranges::any_of(answer.views, [](const auto& row) { return !row.empty(); });
  const QString reason =
      pairs ? comparison_obstacle(model_, workspace().dataset()->channels()) : QString();
  likeness_reason_->setText(reason);
  likeness_reason_->setVisible(!reason.isEmpty());
  if (!model_.model || !reason.isEmpty()) return;
  comparing_->ask(
      [model = model_, views = answer.views](Control&) { return view_similarities(model, views); },
      [this, shown = shown_,
       run = model_.run](const std::vector<std::optional<double>>& similarities) {
        if (shown != shown_) return;  // other pictures are shown by now
        if (std::ranges::none_of(similarities, [](const auto& s) { return s.has_value(); })) return;
        for (qsizetype i = 0; i < answer_.rows.size(); ++i)
          if (const auto& s = similarities[static_cast<std::size_t>(i)])
            // Before what was drawn, whose end may find no room.
            answer_.rows[i].lines.insert(
                1, {PictureLine::Kind::strong,
                    tr("similarity under run %1: %2").arg(run).arg(*s, 0, 'f', 2)});
        show_look();
      },
      [this](const QString& message) { Q_EMIT workspace().problem(message); });
}

/// A and B side by side, or in turn in one place, or how far they are apart.
void ViewsPlace::show_look() {
  const std::string method = workspace().settings().get<std::string>("method.name");
  const bool pairs = has_pair(method_info(method).input) && !answer_.rows.isEmpty();
  blink_->setVisible(pairs);
  difference_->setVisible(pairs);
  by_rule_->setVisible(!hand_masks_.empty());
  const bool blink = pairs && blink_->isChecked(), apart = pairs && difference_->isChecked();
  QList<PictureRow> rows = answer_.rows;
  QStringList titles = answer_.titles;
  for (PictureRow& row : rows) {
    if (row.cells.size() < 3 || row.cells[1].image.isNull() || !(blink || apart)) continue;
    const QImage a = row.cells[1].image, b = row.cells[2].image;
    if (blink) row.cells[1].other = b;
    if (!apart) continue;
    row.cells[2].image = difference_picture(a, b);
    row.lines.append(
        {PictureLine::Kind::soft,
         tr("A and B are %1 apart on average").arg(percent_words(mean_of(row.cells[2].image)))});
  }
  if (apart) titles[2] = tr("Difference of A and B");
  rows_->set_titles(titles);
  rows_->set_rows(rows);
  blink ? rows_->set_blink(1, tr("View A (in turn with B)"), tr("View B (in turn with A)"))
        : rows_->set_blink(-1);
}

/// By hand, where that has the patches that are drawn.
const Mask& ViewsPlace::mask_of(std::size_t row) const {
  const Mask& drawn = *answer_.masks[row];
  const auto hand = hand_masks_.find(answer_.ids[row]);
  const bool fits = hand != hand_masks_.end() && hand->second.rows == drawn.rows &&
                    hand->second.columns == drawn.columns;
  return fits ? hand->second : drawn;
}

/// A press on a masked view hides a patch or shows it; a drag does the same to those it meets.
void ViewsPlace::press_patch(int row, int column, const QPointF& place) {
  const auto at = static_cast<std::size_t>(row);
  if (!answer_.masks[at] || column != masked_column) return;
  hiding_ = !is_hidden(mask_of(at), place);
  paint_patch(row, column, place);
}

void ViewsPlace::paint_patch(int row, int column, const QPointF& place) {
  const auto at = static_cast<std::size_t>(row);
  if (!answer_.masks[at] || column != masked_column) return;
  const Mask before = mask_of(at);
  if (is_hidden(before, place) == hiding_) return;
  hand_masks_[answer_.ids[at]] = with_patch(before, place, hiding_);
  ask_for_views();
}

void ViewsPlace::forget_hand_masks() {
  if (hand_masks_.empty()) return;
  hand_masks_.clear();
  ask_for_views();
}

void ViewsPlace::load_model() {
  const std::int64_t run = runs_->list();
  runs_->show_run(run);
  likeness_words_->setVisible(run != 0);
  if (run == 0 && model_.run != 0) {  // it is gone
    model_ = {};
    ask_for_views();
  }
  if (!isVisible() || run == 0) return;
  loading_->ask(
      [store = workspace().store_folder(), run](Control&) { return open_views_model(store, run); },
      [this](const ViewsModel& model) {
        model_ = model;
        ask_for_views();
      },
      [this, run](const QString& message) {
        model_ = {.run = run, .epoch = 0, .model = nullptr, .reason = message};
        ask_for_views();
        Q_EMIT workspace().problem(message);
      });
}

QList<QPair<QString, std::function<void()>>> ViewsPlace::exports() {
  if (!workspace().dataset()) return {};
  return {{tr("Contact sheet, PNG…"), [this] { save_contact_sheet(); }}};
}

void ViewsPlace::save_contact_sheet() {
  if (rows_->rows().isEmpty()) return;
  const QString file = ask().save_file(this, tr("Save contact sheet"), QStringLiteral("views.png"),
                                       tr("PNG pictures (*.png)"));
  if (file.isEmpty()) return;
  if (!rows_->contact_sheet().save(file, "PNG"))
    return Q_EMIT workspace().problem(
        tr("%1 could not be written; choose another folder.").arg(file));
  tell_saved(this, file);
}

}  // namespace selfsight
