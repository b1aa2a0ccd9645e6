#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <set>
#include <thread>

#include "core/views/inputs.h"
#include "core/views/operations.h"
#include "core/views/views.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

std::atomic<std::int64_t> allocations = 0;

}  // namespace

// Counted, to see that views take no memory once they have what they need.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

cv::Mat noise(int height, int width, int channels, std::uint64_t seed) {
  cv::Mat image(height, width, CV_8UC(channels));
  Random random({seed});
  for (std::size_t i = 0; i < image.total() * image.elemSize(); ++i)
    image.data[i] = static_cast<std::uint8_t>(random.below(256));
  return image;
}

/// Every value 77, also in more channels than a cv::Scalar has.
cv::Mat plain(cv::Size size, int channels) {
  return cv::Mat(size.height, size.width * channels, CV_8U, cv::Scalar(77)).reshape(channels);
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() &&
         std::equal(a.datastart, a.dataend, b.datastart);
}

std::set<std::string> operations(const View& view) {
  std::set<std::string> names;
  for (const Drawn& drawn : view.drawn) names.insert(drawn.operation);
  return names;
}

}  // namespace

class TestViews : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void bands_are_treated_alike_and_without_colours_data() {
    QTest::addColumn<int>("bands");
    for (const int bands : {2, 4, 13}) QTest::addRow("%d", bands) << bands;
  }
  void bands_are_treated_alike_and_without_colours() {
    QFETCH(const int, bands);
    const cv::Mat image = noise(40, 30, bands, 5);
    ViewOptions options;
    options.jitter = options.greyscale = options.solarize = options.blur = 1;
    options.rotation = 20;
    options.vflip = 0.5;
    for (const int band : {0, bands / 2, bands - 1}) {
      cv::Mat grey;
      cv::extractChannel(image, grey, band);
      ViewOptions plain = options;
      plain.jitter = plain.greyscale = plain.solarize = 0;
      for (std::uint64_t sample = 0; sample < 8; ++sample) {
        const ViewKey key{1, 0, sample, 0};
        const View view = make_view(image, options, key);
        QCOMPARE(view.image.type(), CV_8UC(bands));
        QVERIFY(!operations(view).contains("jitter") && !operations(view).contains("solarize"));
        cv::Mat seen;
        cv::extractChannel(view.image, seen, band);
        QVERIFY(same(seen, make_view(grey, plain, key).image));
      }
    }
    QVERIFY(colours_left_out(options, bands));
    QVERIFY(!colours_left_out(options, 3));
    const auto count = static_cast<std::size_t>(bands);
    std::vector<float> planar(count * 32 * 32);
    const cv::Mat clean = clean_view(image, 32, "bicubic");
    to_planar(clean, {std::vector<double>(count, 0.25), std::vector<double>(count, 0.5)}, bands,
              planar);
    cv::Mat last;
    cv::extractChannel(clean, last, bands - 1);
    QVERIFY(std::abs(planar[(count - 1) * 32 * 32 + 7] - (last.data[7] / 255.0 - 0.25) / 0.5) <
            1e-5);
  }

  void a_view_is_a_function_of_its_key() {
    const cv::Mat image = noise(40, 50, 3, 1);
    ViewOptions options;
    options.rotation = 20;
    options.solarize = 0.5;
    std::vector<View> alone(64), together(64);
    for (std::uint64_t i = 0; i < 64; ++i) alone[i] = make_view(image, options, {3, 1, i, 0});
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (std::uint64_t i = t; i < 64; i += 4)
          together[i] = make_view(image, options, {3, 1, i, 0});
      });
    for (std::thread& thread : threads) thread.join();
    int different = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      QVERIFY(same(alone[i].image, together[i].image));
      different += i > 0 && !same(alone[i].image, alone[i - 1].image);
    }
    QCOMPARE(different, 63);
  }

  void a_view_made_anew_in_the_same_memory_is_the_same() {
    const cv::Mat colour = noise(40, 50, 3, 1), grey = noise(30, 30, 1, 2);
    ViewOptions options;
    options.vflip = options.solarize = 0.5;
    options.rotation = 20;
    View again;
    for (std::uint64_t i = 0; i < 64; ++i) {
      const cv::Mat& image = i % 3 == 0 ? grey : colour;
      options.size = i % 5 == 0 ? 24 : 32;
      const View fresh = make_view(image, options, {3, 1, i, 0});
      make_view(image, options, {3, 1, i, 0}, Notes::no, again);
      QVERIFY(same(fresh.image, again.image));
      QVERIFY(fresh.crop == again.crop);
      QVERIFY(!fresh.drawn.empty() && again.drawn.empty());
    }
  }

  void two_views_in_a_row_take_no_memory() {
    const cv::Mat image = noise(60, 80, 3, 9);
    InputOptions options;
    options.views.solarize = 0.5;
    options.views.posterize = options.views.equalize = options.views.autocontrast = 0.5;
    options.views.sharpness = options.views.invert = 0.5;
    Input input;
    std::vector<float> planar(32 * 32 * 3);
    const Normalisation normalisation;
    const auto make = [&](std::uint64_t sample) {
      make_input(image, options, {1, 0, sample, 0}, Notes::no, input);
      for (const View& view : input.views) to_planar(view.image, normalisation, 3, planar);
    };
    for (std::uint64_t i = 0; i < 300; ++i) make(i);
    const std::int64_t before = allocations;
    for (std::uint64_t i = 0; i < 300; ++i) make(i);
    QCOMPARE(allocations - before, std::int64_t{0});
  }

  void pictures_too_small_or_plain_are_left_as_they_are() {
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 2), cv::Size(1, 9), cv::Size(20, 20)})
      for (const int channels : {1, 3, 13}) {
        const cv::Mat before = plain(size, channels);
        cv::Mat image = before.clone();
        equalize_in_place(image);
        autocontrast_in_place(image);
        adjust_sharpness_in_place(image, 2);
        QVERIFY(same(image, before));
        QVERIFY(same(pillow_gaussian_blur(before, 2), before));
        QVERIFY(same(pillow_gaussian_blur(before, 30), before));
        QVERIFY(same(resized_crop(before, {0, 0, 1, 1}, 7, 5, "nearest"), plain({7, 5}, channels)));
      }
  }

  void the_two_blurs_are_about_the_same() {
    const cv::Mat image = noise(64, 64, 3, 8);
    for (const double sigma : {0.8, 2.0, 4.0}) {
      const int kernel = 2 * static_cast<int>(4 * sigma) + 1;
      const cv::Mat exact = gaussian_blur(image, kernel, sigma);
      const double apart = cv::norm(exact, pillow_gaussian_blur(image, sigma), cv::NORM_L1);
      QVERIFY(apart < 0.15 * cv::norm(exact, image, cv::NORM_L1));
    }
  }

  void the_original_is_left_alone() {
    const cv::Mat image = noise(32, 32, 3, 2), before = image.clone();
    ViewOptions options;
    options.crop_min = 1;  // a view of the whole image could share its memory
    for (std::uint64_t i = 0; i < 20; ++i) make_view(image, options, {1, 0, i, 0});
    QVERIFY(same(image, before));
  }

  void switching_one_operation_off_moves_no_other() {
    const cv::Mat image = noise(64, 64, 3, 3);
    ViewOptions all, no_jitter;
    no_jitter.jitter = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const View a = make_view(image, all, {5, 0, i, 1}),
                 b = make_view(image, no_jitter, {5, 0, i, 1});
      QVERIFY(a.crop == b.crop);
      auto rest = operations(a);
      rest.erase("jitter");
      QVERIFY(rest == operations(b));
    }
  }

  void operations_come_as_often_as_asked() {
    const cv::Mat image = noise(32, 32, 3, 4);
    ViewOptions options;
    options.vflip = 0.1;
    options.solarize = 0.3;
    options.posterize = 0.4;
    options.equalize = 0.25;
    options.autocontrast = 0.6;
    options.sharpness = 0.15;
    options.invert = 0.35;
    std::map<std::string, int> counts;
    constexpr int n = 3000;
    for (std::uint64_t i = 0; i < n; ++i)
      for (const std::string& name : operations(make_view(image, options, {9, 0, i, 0})))
        ++counts[name];
    const auto near = [&](const char* name, double part) {
      return std::abs(counts[name] - n * part) < 4.5 * std::sqrt(n * part * (1 - part)) + 1;
    };
    QCOMPARE(counts["crop"], n);
    QVERIFY(near("flip", 0.5));
    QVERIFY(near("upside down", 0.1));
    QVERIFY(near("jitter", 0.8));
    QVERIFY(near("grey", 0.2));
    QVERIFY(near("blur", 0.5));
    QVERIFY(near("solarize", 0.3));
    QVERIFY(near("posterize", 0.4));
    QVERIFY(near("equalize", 0.25));
    QVERIFY(near("autocontrast", 0.6));
    QVERIFY(near("sharpness", 0.15));
    QVERIFY(near("invert", 0.35));
  }

  void any_size_and_grey_make_a_view_data() {
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("channels");
    for (const int channels : {1, 3}) {
      QTest::addRow("1x1x%d", channels) << 1 << 1 << channels;
      QTest::addRow("1x200x%d", channels) << 1 << 200 << channels;
      QTest::addRow("300x2x%d", channels) << 300 << 2 << channels;
      QTest::addRow("500x375x%d", channels) << 500 << 375 << channels;
    }
  }
  void any_size_and_grey_make_a_view() {
    QFETCH(int, height);
    QFETCH(int, width);
    QFETCH(int, channels);
    const cv::Mat image = noise(height, width, channels, 5);
    ViewOptions options;
    options.rotation = 45;
    for (const char* interpolation : {"bilinear", "bicubic"}) {
      options.interpolation = interpolation;
      for (std::uint64_t i = 0; i < 20; ++i) {
        const View view = make_view(image, options, {2, 0, i, 0});
        QCOMPARE(view.image.rows, 32);
        QCOMPARE(view.image.cols, 32);
        QCOMPARE(view.image.channels(), channels);
        QVERIFY((view.crop & cv::Rect(0, 0, width, height)) == view.crop);
        QVERIFY(view.crop.area() > 0);
        if (channels == 1) QVERIFY(!operations(view).contains("grey"));
      }
      QCOMPARE(clean_view(image, 16, interpolation).cols, 16);
    }
  }

  void a_whole_crop_of_the_same_size_changes_nothing() {
    const cv::Mat image = noise(32, 32, 3, 6);
    QVERIFY(same(resized_crop(image, {0, 0, 32, 32}, 32, 32, "bicubic"), image));
    QVERIFY(same(clean_view(image, 32, "bilinear"), image));
    QVERIFY(same(hflip(hflip(image)), image));
    QVERIFY(same(rotate(image, 0), image));
    QVERIFY(same(rotate(rotate(image, 180), 180), image));
  }

  void planar_and_back_is_the_same_picture() {
    const Normalisation normalisation{{0.49, 0.48, 0.45}, {0.25, 0.24, 0.26}};
    for (const int channels : {1, 3}) {
      const cv::Mat image = noise(8, 8, channels, 7);
      std::vector<float> planar(image.total() * static_cast<std::size_t>(channels));
      to_planar(image, normalisation, channels, planar);
      QVERIFY(same(from_planar(planar, normalisation, channels, 8, 8), image));
    }
    // A grey image for an encoder of three channels: all alike before normalisation.
    const cv::Mat grey = noise(4, 4, 1, 8);
    std::vector<float> planar(48);
    to_planar(grey, {{0, 0, 0}, {1, 1, 1}}, 3, planar);
    QVERIFY(std::equal(planar.begin(), planar.begin() + 16, planar.begin() + 16));
  }
};

SELFSIGHT_SUITE(TestViews, QCoreApplication);
#include "test_views.moc"
