// Frames of videos, decoded when asked for and never unpacked to disk. A video is wholly in one
// split, so that no frame is measured whose neighbour was learnt from.
#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <set>

#include "core/base/files.h"
#include "core/dataset/frame_words.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t longest_walk = 300;  // decoded on the way to a frame rather than sought
constexpr std::size_t fewest_videos_to_split = 10;
constexpr std::size_t most_open = 8;  // decoders: each takes a file descriptor and memory
constexpr double fewest_frame_bytes = 8;
constexpr int scene_side = 16;  // px of the small pictures by which scenes are told apart

bool is_video(const fs::path& path) {
  static const std::set<std::string> suffixes{".mp4",  ".m4v", ".mov",  ".avi", ".mkv",
                                              ".webm", ".mpg", ".mpeg", ".wmv", ".flv"};
  return suffixes.contains(lower(path.extension().string()));
}

/// One file and where its decoder stands. Frames are numbered by their time, at the file's usual
/// rate, and a number means the first one that is not before it: so it is the same frame however
/// the decoder came there, though seeking goes by time and not all files have one rate. Calls are
/// safe from any thread, one at a time.
class Video {
 public:
  /// Throws ImageError with the reason.
  explicit Video(fs::path path) : path_(std::move(path)) {
    open();
    const double count = capture_.get(cv::CAP_PROP_FRAME_COUNT);
    const double width = capture_.get(cv::CAP_PROP_FRAME_WIDTH);
    const double height = capture_.get(cv::CAP_PROP_FRAME_HEIGHT);
    if (!(count >= 1) || !(width >= 1) || !(height >= 1)) throw ImageError("has no frames");
    if (width * height > static_cast<double>(most_pixels))
      throw ImageError("has frames of more than the " + grouped(most_pixels) +
                       " pixels that are allowed");
    const double room = std::ceil(static_cast<double>(fs::file_size(path_)) / fewest_frame_bytes);
    frames_ = static_cast<std::int64_t>(std::min(count, room));
    rate_ = capture_.get(cv::CAP_PROP_FPS);
    if (frame(0).empty()) throw ImageError("is a video that is damaged");
    const bool timed = rate_ > 0 && capture_.grab() && capture_.get(cv::CAP_PROP_POS_MSEC) > 0;
    if (!timed) rate_ = 0;
    capture_.release();
  }

  std::int64_t frames() const { return frames_; }
  const fs::path& path() const { return path_; }

  /// Until the next frame is asked for. False if one is being decoded.
  bool close() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) capture_.release();
    return lock.owns_lock();
  }

  /// RGB. Throws ImageError.
  cv::Mat frame(std::int64_t number) {
    const std::lock_guard lock(mutex_);
    cv::Mat image;
    if (!decode(number, image)) {
      open();  // where decoding failed on the way there, it may not from a key frame
      if (!decode(number, image)) {
        capture_.release();
        throw ImageError("cannot be decoded from " + path_.filename().string());
      }
    }
    cv::Mat out;
    cv::cvtColor(image, out, image.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
    return out;
  }

 private:
  void open() {
    if (!capture_.open(path_.string(), cv::CAP_FFMPEG))
      throw ImageError("is no video that can be read");
    before_ = at_ = -1;
  }

  bool decode(std::int64_t number, cv::Mat& image) {
    try {
      return go_to(number) && capture_.retrieve(image) && !image.empty();
    } catch (const cv::Exception&) {
      return false;
    }
  }

  bool grab() {
    before_ = at_;
    if (!capture_.grab()) return false;
    const double told = capture_.get(cv::CAP_PROP_POS_MSEC) / 1000 * rate_;
    at_ = rate_ > 0 ? std::max<std::int64_t>(0, std::llround(told)) : at_ + 1;
    return true;
  }

  bool go_to(std::int64_t number) {
    if (!capture_.isOpened()) open();
    const bool passed = number <= before_;
    if (passed || number - at_ > longest_walk) {
      if (rate_ > 0 && number >= longest_walk)
        seek_before(number);
      else if (passed)
        open();
    }
    while (at_ < number)
      if (!grab()) return false;
    return true;
  }

  /// Seeking falls on key frames in some files, and behind what was asked for in others.
  void seek_before(std::int64_t number) {
    for (std::int64_t back = 2; back < number; back *= 4)
      if (capture_.set(cv::CAP_PROP_POS_FRAMES, static_cast<double>(number - back)) && grab() &&
          at_ < number)
        return;
    open();
  }

  fs::path path_;
  cv::VideoCapture capture_;
  std::int64_t frames_ = 0;
  double rate_ = 0;                     // frames a second; 0 where the file tells no times
  std::int64_t before_ = -1, at_ = -1;  // the last two that were grabbed
  std::mutex mutex_;
};

std::vector<std::int64_t> every_frame(std::int64_t frames, std::int64_t step) {
  std::vector<std::int64_t> out;
  for (std::int64_t frame = 0; frame < frames; frame += step) out.push_back(frame);
  return out;
}

/// The first frame of each scene: those that differ from the one before by more than `least` levels
/// of 255 in the mean over a small picture. Decodes the whole video once.
std::vector<std::int64_t> scene_frames(Video& video, double least, const Control& control) {
  std::vector<std::int64_t> out;
  cv::Mat small, before;
  for (std::int64_t frame = 0; frame < video.frames(); ++frame) {
    control.check();
    try {
      cv::resize(video.frame(frame), small, {scene_side, scene_side}, 0, 0, cv::INTER_AREA);
    } catch (const ImageError&) {
      break;  // files often tell of more frames than they have
    }
    const double values = 3.0 * scene_side * scene_side;
    if (before.empty() || cv::norm(small, before, cv::NORM_L1) / values > least)
      out.push_back(frame);
    cv::swap(small, before);
  }
  return out;
}

/// As a JPEG is while it is decoded: up to three times, the shorter side still `least_side` or
/// more.
cv::Mat halved(const cv::Mat& image, std::int64_t least_side) {
  if (least_side < 1) return image;
  int by = 8;
  while (by > 1 && std::min(image.rows, image.cols) / by < least_side) by /= 2;
  if (by == 1) return image;
  cv::Mat out;
  const cv::Size size((image.cols + by - 1) / by, (image.rows + by - 1) / by);
  cv::resize(image, out, size, 0, 0, cv::INTER_AREA);
  return out;
}

struct FoundVideos {
  std::vector<fs::path> files;
  std::vector<BrokenImage> broken;  // folders that could not be read
};

class VideoDataset : public ListedDataset {
 public:
  VideoDataset(const fs::path& location, const FoundVideos& found, const OpenOptions& options,
               const Control& control)
      : options_(options) {
    location_ = location.string() + options.text();
    if (options_.every == 0) options_.every = usual_step;
    name_ = location.filename().string();
    broken_ = found.broken;
    std::string identity = options_.scene > 0 ? options_.text() : std::to_string(options_.every);
    const fs::path root = fs::is_directory(location) ? location : location.parent_path();
    std::vector<std::string> names;
    for (const fs::path& file : found.files) {
      control.check();
      const std::string relative = file.lexically_relative(root).string();
      try {
        videos_.push_back(std::make_unique<Video>(file));
        keep_few_open(*videos_.back());
        names.push_back(relative);
        identity += relative + '\0' + std::to_string(fs::file_size(file)) + '\n';
      } catch (const ImageError& error) {
        broken_.push_back({relative, error.what()});
      }
    }
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
    place(names, control);
  }

  cv::Mat image(std::int64_t index) const override {
    const auto [video, frame] = place_of(index);
    cv::Mat out = videos_[video]->frame(frame);
    keep_few_open(*videos_[video]);
    return out;
  }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    return halved(image(index), least_side);
  }
  std::string image_name(std::int64_t index) const override {
    const auto [video, frame] = place_of(index);
    return videos_[video]->path().filename().string() + " frame " + std::to_string(frame);
  }

 protected:
  FileState state_of(std::int64_t index) const override {
    return file_state(videos_[place_of(index).first]->path());
  }

 private:
  /// The ones used last; `used` is the newest of them.
  void keep_few_open(Video& used) const {
    const std::lock_guard lock(mutex_);
    std::erase(open_, &used);
    open_.push_back(&used);
    for (std::size_t i = 0; open_.size() > most_open && i + 1 < open_.size();)
      if (open_[i]->close())
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
  }

  /// Labels and splits of the videos by their folders, then given to their frames.
  void place(const std::vector<std::string>& names, const Control& control) {
    take_places(names);
    std::vector<Entry> of_video = std::move(entries_);
    entries_.clear();
    const std::size_t common = common_folder(names);
    const bool told = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return selfsight::place_of(name.substr(common)).split.has_value();
    });
    for (std::size_t v = 0; v < videos_.size(); ++v) {
      if (!told) of_video[v].split = split_by_order(v);
      firsts_.push_back(size());
      frames_.push_back(options_.scene > 0 ? scene_frames(*videos_[v], options_.scene, control)
                                           : every_frame(videos_[v]->frames(), options_.every));
      keep_few_open(*videos_[v]);
      entries_.insert(entries_.end(), frames_.back().size(), of_video[v]);
    }
  }

  /// Of every ten videos one for test and one for validation, where there are so many.
  Split split_by_order(std::size_t video) const {
    if (videos_.size() < fewest_videos_to_split) return Split::train;
    return video % 10 == 3 ? Split::test : video % 10 == 7 ? Split::validation : Split::train;
  }

  std::pair<std::size_t, std::int64_t> place_of(std::int64_t index) const {
    entry(index);  // throws beyond the end
    const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), index);
    const auto video = static_cast<std::size_t>(after - firsts_.begin()) - 1;
    return {video, frames_[video][static_cast<std::size_t>(index - firsts_[video])]};
  }

  OpenOptions options_;
  std::vector<std::unique_ptr<Video>> videos_;
  std::vector<std::int64_t> firsts_;               // index of each video's first image
  std::vector<std::vector<std::int64_t>> frames_;  // of each video, those that are images
  mutable std::mutex mutex_;
  mutable std::vector<Video*> open_;  // the one used last stands last
};

/// All videos in a folder and those below it. False if there are images, for then it is a folder of
/// images.
bool find_videos(const fs::path& root, const fs::path& folder, const Control& control,
                 FoundVideos& found) {
  std::vector<fs::path> folders;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    control.check();
    if (is_video(it->path()))
      found.files.push_back(it->path());
    else if (has_image_suffix(it->path()))
      return false;
    std::error_code unknown;
    if (it->is_directory(unknown) && !it->is_symlink(unknown)) folders.push_back(it->path());
  }
  if (problem)
    found.broken.push_back({folder.lexically_relative(root).string() + "/",
                            "is a folder that could not be read: " + problem.message()});
  return std::all_of(folders.begin(), folders.end(), [&](const fs::path& inner) {
    return find_videos(root, inner, control, found);
  });
}

}  // namespace

bool holds_videos(const Dataset& dataset) {
  return dynamic_cast<const VideoDataset*>(&dataset) != nullptr;
}

std::shared_ptr<const Dataset> open_videos(const fs::path& path, const OpenOptions& options,
                                           const Control& control) {
  FoundVideos found;
  if (fs::is_directory(path)) {
    if (!find_videos(path, path, control, found)) return nullptr;
    std::sort(found.files.begin(), found.files.end());
  } else if (is_video(path)) {
    found.files.push_back(path);
  }
  if (found.files.empty()) return nullptr;
  auto set = std::make_shared<VideoDataset>(path, found, options, control);
  if (set->size() > 0) return set;
  throw InputError("None of the videos in " + path.string() + " can be used: " +
                   set->broken().front().name + " " + set->broken().front().reason + ".");
}

}  // namespace selfsight
