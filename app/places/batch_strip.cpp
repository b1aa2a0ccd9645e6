#include "app/places/batch_strip.h"

#include <QDateTime>
#include <QVBoxLayout>
#include <utility>

#include "app/workspace.h"
#include "core/training/loader.h"
#include "core/training/training_images.h"
#include "widgets/input_rows.h"
#include "widgets/picture_strip.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int batch_images = 12;
constexpr qint64 look_pause = 2000;  // milliseconds between two looks

/// The first images that a step of this epoch, counted from 0, takes.
std::vector<std::int64_t> ids_of_batch(const Dataset& dataset, const RunSpec& spec,
                                       std::int64_t step, std::int64_t epoch) {
  const auto order = epoch_order(training_images(dataset, spec),
                                 static_cast<std::uint64_t>(spec.train.seed), epoch);
  const auto first = static_cast<std::size_t>(step * images_per_step(spec));
  if (first >= order.size()) return {};
  const auto count = std::min<std::size_t>(batch_images, order.size() - first);
  return {order.begin() + static_cast<std::ptrdiff_t>(first),
          order.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

/// Of what is fed, without the original.
QList<QImage> pictures_of(const PictureRow& row) {
  QList<QImage> pictures;
  for (const PictureCell& cell : row.cells.mid(1))
    if (!cell.image.isNull()) pictures.append(cell.image);
  return pictures;
}

}  // namespace

struct BatchStrip::Answer {
  QString words;
  QList<QList<QImage>> groups;
  QList<QStringList> captions;
};

BatchStrip::Answer BatchStrip::answer_of(const ViewsQuestion& question, bool looks,
                                         std::int64_t step) {
  Answer answer;
  const ViewsAnswer drawn = draw_views(question);
  for (const PictureRow& row : drawn.rows) answer.groups.append(pictures_of(row));
  answer.words = tr("as fed at step %1").arg(grouped_number(step));
  if (!question.model.model) return answer;
  const QString epoch = number_words(question.model.epoch);
  if (!looks) {
    answer.words += tr(", rebuilt by the checkpoint of epoch %1").arg(epoch);
    return answer;
  }
  const QList<QImage> attention = attention_pictures(question.model, drawn.views);
  bool looked = false;
  for (qsizetype i = 0; i < attention.size(); ++i) {
    if (attention[i].isNull()) continue;
    answer.groups[i].append(attention[i]);
    looked = true;
  }
  if (looked)
    answer.words += tr(", and where the checkpoint of epoch %1 looks in view A").arg(epoch);
  answer.captions = assignment_words(question.model, drawn.views);
  if (method_info(question.settings.get<std::string>("method.name")).has_prototypes)
    answer.words +=
        tr(", and below the prototype that the checkpoint of epoch %1 gives each view").arg(epoch);
  return answer;
}

BatchStrip::BatchStrip(Workspace& workspace, QWidget* parent)
    : Card(tr("What this batch looks like"), parent),
      workspace_(workspace),
      strip_(new PictureStrip(this)),
      newest_(std::make_shared<NewestModel>()),
      drawing_(new Latest<Answer>(this)) {
  setObjectName(QStringLiteral("batch_strip"));
  strip_->setAccessibleName(tr("Views of the newest batch"));
  body()->addWidget(strip_);
}

void BatchStrip::clear() {
  run_ = 0;
  next_ = 0;
  told_.clear();
  originals_.reset();
  newest_ = std::make_shared<NewestModel>();
  strip_->set_groups({});
  hide();
}

void BatchStrip::show_step(const Run& run, std::int64_t step, std::int64_t steps_per_epoch) {
  // Not the open data set: a queued run trains on images of its own, and another set may have been
  // opened since.
  const TrainJob* job = workspace_.training();
  const auto dataset = job && job->run() == run.id ? job->dataset() : nullptr;
  const qint64 now = QDateTime::currentMSecsSinceEpoch();
  if (!dataset || step < 1 || steps_per_epoch < 1 || (run.id == run_ && now < next_)) return;
  run_ = run.id;
  next_ = now + look_pause;
  if (!originals_ || originals_->dataset() != dataset)
    originals_ = std::make_shared<OriginalCache>(dataset);
  drawing_->ask(
      [originals = originals_, newest = newest_, settings = run.settings, id = run.id, step,
       steps_per_epoch, store = workspace_.store_folder(), cover = tokens().faint](Control&) {
        const RunSpec spec = run_spec(settings);
        ViewsQuestion question{.originals = originals,
                               .settings = settings,
                               .ids = {},
                               .epoch = (step - 1) / steps_per_epoch,
                               .model = {},
                               .cover = cover};
        question.ids =
            ids_of_batch(*originals->dataset(), spec, (step - 1) % steps_per_epoch, question.epoch);
        const bool looks = has_pair(spec.input.kind) && (is_transformer(spec.encoder) ||
                                                         method_info(spec.method).has_prototypes);
        if (is_rebuilt(spec.input.kind) || looks) question.model = newest->of(store, id);
        return answer_of(question, looks, step);
      },
      [this, id = run.id](const Answer& answer) {
        if (id == run_) show_answer(answer);
      },
      [this](const QString& message) {
        if (std::exchange(told_, message) != message) Q_EMIT workspace_.problem(message);
      });
}

void BatchStrip::show_answer(const Answer& answer) {
  set_subtitle(answer.words);
  strip_->set_groups(answer.groups, answer.captions);
  show();
}

}  // namespace selfsight
