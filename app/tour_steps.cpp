#include "app/tour_steps.h"

#include <QAbstractButton>
#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QPixmap>
#include <QPushButton>
#include <QTimer>
#include <cstdio>
#include <utility>

#include "app/places/place.h"
#include "core/base/error.h"

namespace selfsight {
namespace {

constexpr int settle_time = 900;   // milliseconds
constexpr int look_interval = 20;  // between two looks at what is waited for

/// What tells the file of a denser picture from that of a plain one.
std::string density_words(const QPixmap& picture) {
  const qreal ratio = picture.devicePixelRatio();
  return ratio == 1 ? std::string() : QStringLiteral("@%1x").arg(ratio).toStdString();
}

}  // namespace

TourSteps::TourSteps(const std::filesystem::path& store, const std::filesystem::path& out)
    : workspace_(store), window_(workspace_), out_(out) {
  QObject::connect(&workspace_, &Workspace::problem, &window_, [this](const QString& message) {
    if (std::exchange(expected_, false)) return;
    problem_ = message;
    std::fprintf(stderr, "tour: %s\n", qPrintable(message));
  });
  window_.resize(wide);
  window_.show();
  settle();
}

void TourSteps::use(Scheme scheme) {
  scheme_ = scheme == Scheme::light ? "light" : "dark";
  apply_theme(*qApp, scheme);
}

void TourSteps::settle() {
  QEventLoop loop;
  QTimer::singleShot(settle_time, &loop, &QEventLoop::quit);
  loop.exec();
}

void TourSteps::work() {
  QEventLoop loop;
  QObject::connect(&workspace_, &Workspace::jobs_changed, &loop, [this, &loop] {
    if (workspace_.jobs().isEmpty()) loop.quit();
  });
  QTimer::singleShot(work_patience, &loop, &QEventLoop::quit);
  if (!workspace_.jobs().isEmpty()) loop.exec();
  settle();
}

void TourSteps::wait_for(const char* what, const std::function<bool()>& done) {
  QEventLoop loop;
  QTimer looking;
  QElapsedTimer clock;
  clock.start();
  QObject::connect(&looking, &QTimer::timeout, &loop, [&] {
    if (done() || clock.elapsed() > work_patience) loop.quit();
  });
  looking.start(look_interval);
  if (!done()) loop.exec();
  if (!done()) throw Error(std::string("The tour waited ten minutes for ") + what + ".");
}

void TourSteps::fail(const std::function<void()>& work) {
  expected_ = true;
  work();
  wait_for("an error", [this] { return !expected_; });
}

void TourSteps::press(const char* name) {
  auto* here = window_.place(window_.current_place());
  auto* button = here->findChild<QPushButton*>(QString::fromLatin1(name));
  if (!button || !button->isEnabled())
    throw Error(std::string("The tour found no button ") + name + " to press.");
  button->click();
}

void TourSteps::press_in_window(const char* name) {
  window_.findChild<QAbstractButton*>(QString::fromLatin1(name))->click();
}

void TourSteps::picture(const char* name, const char* place, const std::function<void()>& before) {
  window_.go_to(QString::fromLatin1(place));
  before();
  settle();
  save(window_.grab(), name);
}

void TourSteps::in_both(const char* name, const char* place) {
  for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
    use(scheme);
    picture(name, place);
  }
}

void TourSteps::glimpse(const char* name) {
  QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
  save(window_.grab(), name);
}

void TourSteps::popover(const char* name, const char* opener,
                        const std::function<QWidget*()>& open) {
  press_in_window(opener);
  QWidget* shown = open();
  settle();
  save(shown->grab(), name);
  shown->close();
}

void TourSteps::save(const QPixmap& picture, const char* name) {
  const auto file = out_ / (std::string(name) + "-" + scheme_ + density_words(picture) + ".png");
  if (!picture.save(QString::fromStdString(file.string()), "PNG"))
    throw Error("Could not write " + file.string() + ".");
  std::printf("%s\n", file.c_str());
  std::fflush(stdout);
}

}  // namespace selfsight
