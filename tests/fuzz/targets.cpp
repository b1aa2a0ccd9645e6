#include "tests/fuzz/targets.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/base/tensor_file.h"
#include "core/dataset/catalogue.h"
#include "core/dataset/dataset.h"
#include "core/dataset/dicom_file.h"
#include "core/dataset/frame_words.h"
#include "core/dataset/frames.h"
#include "core/dataset/lossless_jpeg.h"
#include "core/dataset/tiff_file.h"
#include "core/dataset/window_words.h"
#include "core/exchange/npy.h"
#include "core/exchange/run_archive.h"
#include "core/nets/encoder_file.h"
#include "core/training/checkpoint.h"
#include "core/training/run_spec.h"

namespace selfsight::fuzz {
namespace {

namespace fs = std::filesystem;
using Input = std::span<const std::uint8_t>;

/// A folder in memory where there is one, gone at the end of the process.
const fs::path& folder() {
  struct Kept {
    Kept() {
      const fs::path shared = "/dev/shm";
      path = (fs::is_directory(shared) ? shared : fs::temp_directory_path()) /
             ("selfsight-fuzz-" + std::to_string(::getpid()));
      fs::create_directories(path);
    }
    ~Kept() {
      std::error_code problem;
      fs::remove_all(path, problem);
    }
    fs::path path;
  };
  static const Kept kept;
  return kept.path;
}

/// The bytes under a name, in a folder of their own.
fs::path written(const std::string& name, Input bytes) {
  const fs::path path = folder() / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return path;
}

template <class Work>
void tolerate_refusals(const Work& work) {
  try {
    work();
  } catch (const Error&) {
    // InputError and ImageError among them: one sentence, which is what is wanted.
  }
}

/// Opens it as a data set and looks at its first image.
void open_named(const std::string& name, Input bytes) {
  tolerate_refusals([&] {
    const auto set = open_dataset(written(name, bytes).string());
    if (set->size() > 0) set->image(0);
  });
}

/// Labels beside images that are whole.
void open_labels(const std::string& images, const Bytes& whole, const std::string& labels,
                 Input bytes) {
  tolerate_refusals([&] {
    written(labels, bytes);
    const auto set = open_dataset(written(images, whole).parent_path().string());
    for (std::int64_t i = 0; i < set->size(); ++i) set->label(i);
  });
}

void run_toml(Input bytes) {
  tolerate_refusals([&] {
    settings_from_toml({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, run_schema);
  });
}

void run_image(Input bytes) {
  tolerate_refusals([&] { decode_image(std::as_bytes(bytes), 0, 1'000'000); });
}

/// With a window by hand, and as the bands lie in the file.
void run_deep(Input bytes) {
  tolerate_refusals([&] {
    decode_image(std::as_bytes(bytes), 0, 1'000'000, ValueWindow{{-100}, {1000}});
  });
  tolerate_refusals([&] { tiff_bands(std::as_bytes(bytes), 1'000'000, 4'000'000); });
}

/// The last frame of what says how many it has.
void run_frames(Input bytes) {
  const auto whole = std::as_bytes(bytes);
  const std::int64_t last = count_frames(bytes_at(whole), whole.size()) - 1;
  tolerate_refusals([&] { decode_tiff(whole, 1'000'000, 4'000'000, {}, last); });
  tolerate_refusals([&] { decode_dicom(whole, 1'000'000, 4'000'000, last); });
}

void run_lossless(Input bytes) {
  tolerate_refusals([&] { decode_lossless_jpeg(std::as_bytes(bytes), 1'000'000); });
}

/// What stands behind a question mark, and put together again.
void run_words(Input bytes) {
  const std::string word(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  tolerate_refusals([&] { with_frames(word, frames_in(word)); });
  tolerate_refusals([&] { with_window(word, window_in(word)); });
}

/// Takes a run in, and out again.
void run_run(Input bytes) {
  tolerate_refusals([&] {
    static Store store(folder() / "store");
    store.delete_run(load_run(written("run.tar", bytes), store));
  });
}

void run_catalogue(Input bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  tolerate_refusals([&] { parse_catalogue_entry("it", text); });
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all{
      {"idx", [](Input b) { open_named("idx/train-images-idx3-ubyte", b); }, idx_seeds},
      {"idx_labels",
       [](Input b) {
         static const Bytes images = idx_seeds().front();
         open_labels("idx_labels/train-images-idx3-ubyte", images,
                     "idx_labels/train-labels-idx1-ubyte", b);
       },
       idx_labels_seeds},
      {"cifar", [](Input b) { open_named("cifar/data_batch_1.bin", b); }, cifar_seeds},
      {"stl", [](Input b) { open_named("stl/train_X.bin", b); }, stl_seeds},
      {"stl_labels",
       [](Input b) {
         static const Bytes images = stl_seeds().front();
         open_labels("stl_labels/train_X.bin", images, "stl_labels/train_y.bin", b);
       },
       stl_labels_seeds},
      {"npy", [](Input b) { tolerate_refusals([&] { load_npy(written("m.npy", b)); }); },
       npy_seeds},
      {"safetensors",
       [](Input b) {
         const auto path = written("t.safetensors", b);
         tolerate_refusals([&] { load_tensors(path); });
         tolerate_refusals([&] { load_layout(path); });
       },
       safetensors_seeds},
      {"encoder",
       [](Input b) { tolerate_refusals([&] { load_encoder_file(written("e.safetensors", b)); }); },
       encoder_seeds},
      {"list", [](Input b) { open_named("list/list.csv", b); }, list_seeds},
      {"toml", run_toml, toml_seeds},
      {"dicom", run_image, dicom_seeds},
      {"lossless", run_lossless, lossless_seeds},
      {"image", run_image, image_seeds},
      {"bands", run_deep, bands_seeds},
      {"frames", run_frames, frames_seeds},
      {"tar", [](Input b) { open_named("a.tar", b); }, tar_seeds},
      {"zip", [](Input b) { open_named("a.zip", b); }, zip_seeds},
      {"packed", [](Input b) { open_named("a.tar.gz", b); }, packed_seeds},
      {"words", run_words, words_seeds},
      {"run", run_run, run_seeds},
      {"checkpoint",
       [](Input b) { tolerate_refusals([&] { load_checkpoint(written("c.safetensors", b)); }); },
       checkpoint_seeds},
      {"catalogue", run_catalogue, catalogue_seeds},
  };
  return all;
}

}  // namespace selfsight::fuzz
