#include <sys/fsuid.h>

#include <QTest>
#include <algorithm>
#include <atomic>
#include <bit>
#include <opencv2/videoio.hpp>
#include <thread>

#include "core/dataset/frame_words.h"
#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Frames of one brightness each: 2 * number. Motion JPEG, a key frame each.
bool write_video(const std::string& path, int frames) {
  cv::VideoWriter writer(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25,
                         cv::Size(64, 48));
  if (!writer.isOpened()) return false;
  for (int i = 0; i < frames; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(2 * i)));
  return true;
}

constexpr int block = 16;  // px; ten of them, black or white, are the bits of a number

cv::Mat picture_of(int number) {
  cv::Mat image(2 * block, 5 * block, CV_8UC3);
  for (int bit = 0; bit < 10; ++bit)
    image(cv::Rect(bit % 5 * block, bit / 5 * block, block, block)) =
        cv::Scalar::all(number >> bit & 1 ? 224 : 32);
  return image;
}

/// Frames that show their number, most of them coded by what changed since the one before.
bool write_numbers(const std::string& path, int frames) {
  cv::VideoWriter writer(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('m', 'p', '4', 'v'), 25,
                         cv::Size(5 * block, 2 * block));
  if (!writer.isOpened()) return false;
  for (int i = 0; i < frames; ++i) writer.write(picture_of(i));
  return true;
}

/// As Matroska has it: what it is, how long, and what is in it.
std::string element(const std::string& id, const std::string& content) {
  std::string size(1, '\x01');
  for (int shift = 48; shift >= 0; shift -= 8)
    size += static_cast<char>(content.size() >> shift & 255);
  return id + size + content;
}
std::string big_endian(std::int64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 255);
  return out;
}

/// The same in Motion JPEG, each at its own time in milliseconds.
std::string matroska(const std::vector<std::int64_t>& times) {
  const std::string head = element("\x1A\x45\xDF\xA3", element("\x42\x82", "matroska") +
                                                           element("\x42\x87", big_endian(4, 1)) +
                                                           element("\x42\x85", big_endian(2, 1)));
  const double length = static_cast<double>(times.back());
  const std::string info =
      element("\x15\x49\xA9\x66",
              element("\x2A\xD7\xB1", big_endian(1'000'000, 4)) +
                  element("\x44\x89", big_endian(std::bit_cast<std::int64_t>(length), 8)));
  const std::string size = element("\xB0", big_endian(5 * block, 2)) +  // width and height
                           element("\xBA", big_endian(2 * block, 2));
  const std::string tracks = element(
      "\x16\x54\xAE\x6B",
      element("\xAE", element("\xD7", big_endian(1, 1)) + element("\x73\xC5", big_endian(1, 1)) +
                          element("\x83", big_endian(1, 1)) + element("\x86", "V_MJPEG") +
                          element("\xE0", size)));
  std::string clusters;
  for (std::size_t i = 0; i < times.size(); ++i) {
    Bytes jpeg;
    cv::imencode(".jpg", picture_of(static_cast<int>(i)), jpeg);
    std::string frame("\x81\x00\x00\x80", 4);  // of the first track, at the cluster's time, whole
    frame.append(jpeg.begin(), jpeg.end());
    clusters += element("\x1F\x43\xB6\x75",
                        element("\xE7", big_endian(times[i], 4)) + element("\xA3", frame));
  }
  return head + element("\x18\x53\x80\x67", info + tracks + clusters);
}

int number_shown(const cv::Mat& image) {
  int number = 0;
  for (int bit = 0; bit < 10; ++bit)
    number |=
        int(image.at<cv::Vec3b>(bit / 5 * block + block / 2, bit % 5 * block + block / 2)[1] > 128)
        << bit;
  return number;
}

/// While it lives, root may read no more than others.
class NobodyReads {
 public:
  NobodyReads() : before_(static_cast<uid_t>(::setfsuid(65534))) {}
  ~NobodyReads() { ::setfsuid(before_); }
  NobodyReads(const NobodyReads&) = delete;
  NobodyReads& operator=(const NobodyReads&) = delete;

 private:
  uid_t before_;
};

int brightness(const cv::Mat& image) {
  return image.at<cv::Vec3b>(20, 30)[1];
}

}  // namespace

class TestVideo : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void every_kth_frame_in_any_order() {
    const Folder folder;
    QVERIFY(write_video(folder("drive.avi"), 95));
    const auto set = open_dataset(folder("drive.avi"));
    QCOMPARE(set->size(), 10);
    QCOMPARE(set->channels(), 3);
    QCOMPARE(set->image_name(4), "drive.avi frame 40");
    for (const int i : {0, 9, 3, 4, 1}) QVERIFY(std::abs(brightness(set->image(i)) - 20 * i) <= 2);
    const auto fine = open_dataset(folder("drive.avi?every=3"));
    QCOMPARE(fine->size(), 32);
    QVERIFY(std::abs(brightness(fine->image(31)) - 186) <= 2);
    QCOMPARE(open_dataset(fine->location())->fingerprint(), fine->fingerprint());
    QVERIFY(fine->fingerprint() != set->fingerprint());
    QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder("drive.avi?every=x")); }),
                     "is no number of frames"));
  }

  void opening_can_be_stopped() {
    const Folder folder;
    QVERIFY(write_video(folder("drive.avi"), 5));
    Control control;
    QCOMPARE(open_dataset(folder("drive.avi?scenes"), control)->size(), 1);
    control.request_stop();
    QVERIFY_EXCEPTION_THROWN(open_dataset(folder("drive.avi?scenes"), control), Cancelled);
    QVERIFY_EXCEPTION_THROWN(open_dataset(folder("drive.avi"), control), Cancelled);
  }

  void the_first_frame_of_each_scene() {
    const Folder folder;
    {
      cv::VideoWriter writer(folder("cuts.avi"), cv::CAP_FFMPEG,
                             cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, cv::Size(64, 48));
      for (int i = 0; i < 60; ++i)  // cuts at 20 and 45; within a scene it brightens slowly
        writer.write(cv::Mat(48, 64, CV_8UC3,
                             cv::Scalar::all(i + (i < 20   ? 0
                                                  : i < 45 ? 100
                                                           : 40))));
    }
    const auto set = open_dataset(folder("cuts.avi?scenes"));
    QCOMPARE(set->size(), 3);
    QCOMPARE(set->image_name(1), "cuts.avi frame 20");
    QCOMPARE(set->image_name(2), "cuts.avi frame 45");
    QVERIFY(std::abs(brightness(set->image(2)) - 85) <= 2);
    QCOMPARE(open_dataset(set->location())->fingerprint(), set->fingerprint());
    QCOMPARE(open_dataset(folder("cuts.avi?scenes=90"))->size(), 2);
    QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder("cuts.avi?scenes=0")); }),
                     "is no difference of frames"));
  }

  void far_frames_are_sought_and_found() {
    const Folder folder;
    constexpr int frames = 900;
    if (!write_numbers(folder("long.mp4"), frames)) QSKIP("FFmpeg has no encoder of MPEG-4 here.");
    const auto set = open_dataset(folder("long.mp4?every=1"));
    QCOMPARE(set->size(), frames);
    // Forth and back, near and far.
    for (const int i : {0, 899, 310, 311, 450, 449, 0, 640, 301, 700, 12, 898, 5, 330, 790})
      QCOMPARE(number_shown(set->image(i)), i);
    for (int i = 0; i < 40; ++i) {
      const int at = i * 389 % frames;
      QCOMPARE(number_shown(set->image(at)), at);
    }
  }

  void a_frame_is_the_same_however_the_decoder_came_there() {
    const Folder folder;
    std::vector<std::int64_t> times;  // 20 s at 30 frames a second, then at 24
    for (int i = 0; i < 1000; ++i)
      times.push_back(i < 600 ? i * 100 / 3 : 20000 + (i - 600) * 125 / 3);
    folder.write("phone.mkv", matroska(times));
    const std::string path = folder("phone.mkv?every=1");
    const auto walked = open_dataset(path), sought = open_dataset(path);
    QVERIFY(walked->size() > 900);
    std::vector<int> shown;
    for (std::int64_t i = 0; i < walked->size(); ++i)
      shown.push_back(number_shown(walked->image(i)));
    QVERIFY(std::ranges::is_sorted(shown));
    QVERIFY(shown.back() >= 900);
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::int64_t at = i * 389 % walked->size();
      QCOMPARE(number_shown(sought->image(at)), shown[static_cast<std::size_t>(at)]);
    }
  }

  void frames_are_kept_no_larger_than_they_are_wanted() {
    const Folder folder;
    QVERIFY(write_video(folder("drive.avi"), 95));  // 64 x 48
    const auto set = open_dataset(folder("drive.avi"));
    const std::pair<int, cv::Size> sizes[] = {{0, {64, 48}},  {49, {64, 48}}, {48, {64, 48}},
                                              {24, {32, 24}}, {13, {32, 24}}, {12, {16, 12}},
                                              {6, {8, 6}},    {1, {8, 6}}};
    for (const auto& [least, size] : sizes) {
      const cv::Mat image = set->reduced_image(4, least);
      QVERIFY2(image.size() == size, std::to_string(least).c_str());
      QVERIFY(std::abs(image.at<cv::Vec3b>(2, 3)[1] - 80) <= 2);
    }
    QCOMPARE(set->image(4).rows, 48);
  }

  void no_video_is_in_two_splits() {
    const Folder folder;
    std::filesystem::create_directories(folder("v"));
    for (int v = 0; v < 12; ++v)
      QVERIFY(write_video(folder("v/" + std::to_string(100 + v) + ".avi"), 21));
    folder.write("v/broken.mp4", std::string(3000, 'x'));
    const auto set = open_dataset(folder("v"));
    QCOMPARE(set->size(), 36);
    QCOMPARE(set->indices(Split::test).size(), 3u);
    QCOMPARE(set->indices(Split::validation).size(), 3u);
    for (int i = 0; i < 36; i += 3) {
      QVERIFY(set->split(i) == set->split(i + 1));
      QVERIFY(set->split(i) == set->split(i + 2));
    }
    QCOMPARE(set->broken().front().name, "broken.mp4");
    std::filesystem::create_directories(folder("w/train/a"));
    std::filesystem::create_directories(folder("w/val/b"));
    QVERIFY(write_video(folder("w/train/a/1.avi"), 5));
    QVERIFY(write_video(folder("w/val/b/1.avi"), 5));
    const auto sorted = open_dataset(folder("w"));
    QVERIFY((sorted->classes() == std::vector<std::string>{"a", "b"}));
    QCOMPARE(sorted->split(1), Split::validation);
  }

  void splits_of_videos_are_found_below_a_common_folder_and_below_the_classes() {
    const Folder folder;
    for (const char* name :
         {"o/set/train/a/1.avi", "o/set/test/b/1.avi", "c/a/test/1.avi", "c/b/train/1.avi"}) {
      std::filesystem::create_directories(folder.path(name).parent_path());
      QVERIFY(write_video(folder(name), 5));
    }
    for (const char* which : {"o", "c"}) {
      const auto set = open_dataset(folder(which));
      QVERIFY((set->classes() == std::vector<std::string>{"a", "b"}));
      QCOMPARE(set->split(0), Split::test);
      QCOMPARE(set->split(1), Split::train);
    }
  }

  void a_folder_that_cannot_be_read_is_told_of() {
    namespace fs = std::filesystem;
    const Folder folder;
    for (const char* name : {"v/a", "v/hidden", "v/z"}) fs::create_directories(folder(name));
    for (const char* name : {"v/a/1.avi", "v/hidden/2.avi", "v/z/3.avi"})
      QVERIFY(write_video(folder(name), 5));
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(folder("v/hidden"), fs::perms::none);
    std::shared_ptr<const Dataset> set;
    {
      const NobodyReads nobody;
      std::error_code readable, hidden;
      const fs::directory_iterator all(folder("v"), readable), one(folder("v/hidden"), hidden);
      if (hidden && !readable) set = open_dataset(folder("v"));
    }
    fs::permissions(folder("v/hidden"), fs::perms(0755));
    if (!set) QSKIP("This user may read every folder, and no other to run as was found.");
    QCOMPARE(set->size(), 2);
    QCOMPARE(set->broken().size(), 1u);
    QCOMPARE(set->broken().front().name, "hidden/");
    QVERIFY(contains(set->broken().front().reason, "is a folder that could not be read"));
  }

  void few_videos_are_open_at_a_time() {
    const Folder folder;
    std::filesystem::create_directories(folder("v"));
    for (int v = 0; v < 20; ++v)
      QVERIFY(write_video(folder("v/" + std::to_string(100 + v) + ".avi"), 3 + v));
    const auto open_files = [&] {
      int count = 0;
      for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        count += std::filesystem::read_symlink(file, gone).extension() == ".avi";
      }
      return count;
    };
    const auto set = open_dataset(folder("v?every=2"));
    QVERIFY(open_files() <= 8);
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (std::int64_t i = t; i < set->size(); ++i) {
          const std::int64_t at = i * 37 % set->size();
          const std::string name = set->image_name(at);
          const int frame = std::stoi(name.substr(name.rfind(' ')));
          wrong += std::abs(brightness(set->image(at)) - 2 * frame) > 2;
        }
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(wrong.load(), 0);
    set->image(0);  // those that were busy are closed
    QVERIFY(open_files() <= 8);
  }

  void the_choice_of_frames_is_of_the_word() {
    const Folder folder;
    QVERIFY(write_video(folder("a.avi"), 30));
    const auto set = open_dataset(folder("a.avi"));
    QVERIFY(holds_videos(*set));
    QVERIFY(!holds_videos(*open_dataset("procedural:20")));
    QCOMPARE(frames_in(set->location()).every, 10);
    QCOMPARE(open_dataset(with_frames(set->location(), {.every = 3}))->size(), 10);
    QCOMPARE(with_frames("a.avi?every=3", {}), "a.avi");
    QCOMPARE(with_frames("a.avi?every=3", {.scene = 25}), "a.avi?scenes=25");
    QCOMPARE(frames_in("a.avi?scenes=25").scene, 25.0);
    QCOMPARE(frames_in("a.avi?every=3;b.avi").every, 10);  // of several, and none of its own
  }

  void what_is_no_video_is_refused() {
    const Folder folder;
    folder.write("no.mp4", std::string(5000, '\0'));
    folder.write("empty.avi", std::string());
    for (const char* name : {"no.mp4", "empty.avi"})
      QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder(name)); }),
                       "no video that can be read"));
  }
};

SELFSIGHT_SUITE(TestVideo, QCoreApplication);
#include "test_video.moc"
