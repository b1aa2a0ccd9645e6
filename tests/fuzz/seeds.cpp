#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/base/files.h"
#include "core/dataset/catalogue.h"
#include "tests/fuzz/targets.h"

namespace selfsight::fuzz {
namespace {

Bytes of(const std::string& text) {
  return {text.begin(), text.end()};
}

void append(Bytes& to, const std::string& text) {
  to.insert(to.end(), text.begin(), text.end());
}

void append_little(Bytes& to, std::uint64_t number, int width) {
  for (int i = 0; i < width; ++i) to.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

Bytes encoded(const std::string& suffix) {
  // JPEG 2000 halves an image five times.
  const int rows = suffix == ".jp2" ? 33 : 6, columns = suffix == ".jp2" ? 34 : 5;
  cv::Mat image(rows, columns, CV_8UC3);
  for (int i = 0; i < 3 * rows * columns; ++i) image.data[i] = static_cast<std::uint8_t>(i * 7);
  Bytes bytes;
  cv::imencode(suffix, image, bytes);
  return bytes;
}

Bytes tensors(const std::string& header, std::size_t data) {
  Bytes bytes;
  append_little(bytes, header.size(), 8);
  append(bytes, header);
  bytes.resize(bytes.size() + data, 1);
  return bytes;
}

using Files = std::vector<std::pair<const char*, Bytes>>;
enum class Packing { none, gzip, zstd, zip };

Bytes archived(const Files& files, Packing packing) {
  Bytes bytes(40000);
  std::size_t used = 0;
  archive* a = archive_write_new();
  packing == Packing::zip ? archive_write_set_format_zip(a)
                          : archive_write_set_format_pax_restricted(a);
  if (packing == Packing::gzip) archive_write_add_filter_gzip(a);
  if (packing == Packing::zstd) archive_write_add_filter_zstd(a);
  archive_write_open_memory(a, bytes.data(), bytes.size(), &used);
  for (const auto& [name, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_write_header(a, entry);
    archive_write_data(a, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_free(a);
  bytes.resize(used);
  return bytes;
}

/// One element of explicit representation, little-endian.
void element(Bytes& to, std::uint32_t tag, const std::string& kind, const std::string& value) {
  append_little(to, tag >> 16, 2);
  append_little(to, tag & 0xFFFF, 2);
  append(to, kind);
  const bool is_long = kind == "OW" || kind == "OB" || kind == "SQ";
  if (is_long) append_little(to, 0, 2);
  append_little(to, value.size(), is_long ? 4 : 2);
  append(to, value);
}

std::string number(std::uint16_t value) {
  return {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8)};
}

/// The beginning of a file and an image of 4 x 3 pixels of 16 bits in this syntax, less its pixels.
Bytes dicom_head(const std::string& syntax, Bytes& elements) {
  Bytes begin(128, 0);
  append(begin, "DICM");
  element(begin, 0x00020010, "UI", syntax);
  element(elements, 0x00280002, "US", number(1));
  element(elements, 0x00280004, "CS", "MONOCHROME2 ");
  element(elements, 0x00280010, "US", number(3));
  element(elements, 0x00280011, "US", number(4));
  element(elements, 0x00280100, "US", number(16));
  element(elements, 0x00280101, "US", number(12));
  element(elements, 0x00280102, "US", number(11));
  element(elements, 0x00280103, "US", number(0));
  return begin;
}

/// `window`: of zlib, which says by it whether there is a header and which.
Bytes deflated(Bytes plain, int window) {
  Bytes packed(2 * plain.size() + 100);
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = plain.data();
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Bytes deflated_dicom() {
  Bytes elements;
  Bytes out = dicom_head("1.2.840.10008.1.2.1.99", elements);
  element(elements, 0x7FE00010, "OW", std::string(24, 'a'));
  const Bytes packed = deflated(elements, -MAX_WBITS);
  out.insert(out.end(), packed.begin(), packed.end());
  return out;
}

/// 4 x 3 pixels of 12 bits in one scan of one channel; five bits say how many follow.
Bytes lossless(std::uint8_t predictor, bool restarts) {
  Bytes out{0xFF, 0xD8, 0xFF, 0xC4, 0, 36, 0, 0, 0, 0, 0, 17};
  out.resize(out.size() + 11);
  for (std::uint8_t category = 0; category <= 16; ++category) out.push_back(category);
  for (const std::uint8_t byte : {0xFF, 0xC3, 0, 11, 12, 0, 3, 0, 4, 1, 1, 0x11, 0})
    out.push_back(byte);
  if (restarts)
    for (const std::uint8_t byte : {0xFF, 0xDD, 0, 4, 0, 4}) out.push_back(byte);
  const Bytes scan{0xFF, 0xDA, 0, 8, 1, 1, 0, predictor, 0, 0};
  out.insert(out.end(), scan.begin(), scan.end());
  for (std::uint8_t line = 0; line < 3; ++line) {
    out.insert(out.end(), {static_cast<std::uint8_t>(restarts ? 0x0C : 0), 0, 0});
    if (restarts && line < 2) out.insert(out.end(), {0xFF, static_cast<std::uint8_t>(0xD0 + line)});
  }
  out.insert(out.end(), {0xFF, 0xD9});
  return out;
}

Bytes lossless_dicom() {
  Bytes elements;
  Bytes out = dicom_head("1.2.840.10008.1.2.4.70", elements);
  out.insert(out.end(), elements.begin(), elements.end());
  const Bytes image = lossless(1, false);
  append(out, std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12));
  append(out, std::string("\xFE\xFF\0\xE0\0\0\0\0\xFE\xFF\0\xE0", 12));
  append_little(out, image.size(), 4);
  out.insert(out.end(), image.begin(), image.end());
  append(out, std::string("\xFE\xFF\xDD\xE0\0\0\0\0", 8));
  return out;
}

/// 3 x 2 pixels of some bands in one strip, or in one for each band.
Bytes tiff_of_bands(std::uint32_t bits, std::uint32_t format, bool planar,
                    std::uint32_t bands = 6) {
  constexpr std::uint32_t pixels = 6;
  const std::uint32_t plane = pixels * bits / 8, values = bands * plane;
  const std::uint32_t lists = 8 + values, strips = planar ? bands : 1;
  Bytes bytes{'I', 'I', 42, 0};
  append_little(bytes, lists + 2 * bands * 2 + 8 * strips, 4);
  for (std::uint32_t i = 0; i < values; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 37));
  for (std::uint32_t i = 0; i < bands; ++i) append_little(bytes, bits, 2);
  for (std::uint32_t i = 0; i < bands; ++i) append_little(bytes, format, 2);
  for (std::uint32_t i = 0; i < strips; ++i) append_little(bytes, 8 + i * plane, 4);
  for (std::uint32_t i = 0; i < strips; ++i) append_little(bytes, planar ? plane : values, 4);
  const std::uint32_t offsets = lists + 4 * bands, counts = offsets + 4 * strips;
  const std::uint32_t tags[][4] = {
      {256, 4, 1, 3},
      {257, 4, 1, 2},
      {258, 3, bands, lists},
      {259, 3, 1, 1},
      {262, 3, 1, 1},
      {273, 4, strips, planar ? offsets : 8},
      {277, 3, 1, bands},
      {278, 4, 1, 2},
      {279, 4, strips, planar ? counts : values},
      {284, 3, 1, planar ? 2u : 1u},
      {339, 3, bands, lists + 2 * bands},
  };
  append_little(bytes, std::size(tags), 2);
  for (const auto& tag : tags) {
    append_little(bytes, tag[0], 2);
    append_little(bytes, tag[1], 2);
    append_little(bytes, tag[2], 4);
    append_little(bytes, tag[3], 4);
  }
  append_little(bytes, 0, 4);
  return bytes;
}

/// Two pages of 2 x 1 grey pixels of 8 bits; the second one is said to be `kind`.
Bytes tiff_of_pages(std::uint32_t kind) {
  Bytes bytes{'I', 'I', 42, 0, 12, 0, 0, 0, 1, 2, 3, 4};
  for (const std::uint32_t page : {0u, 1u}) {
    const std::uint32_t tags[][3] = {{254, 4, page * kind}, {256, 4, 2}, {257, 4, 1},
                                     {258, 3, 8},           {262, 3, 1}, {273, 4, 8 + 2 * page},
                                     {277, 3, 1},           {278, 4, 1}, {279, 4, 2}};
    append_little(bytes, std::size(tags), 2);
    for (const auto& tag : tags) {
      append_little(bytes, tag[0], 2);
      append_little(bytes, tag[1], 2);
      append_little(bytes, 1, 4);
      append_little(bytes, tag[2], 4);
    }
    append_little(bytes, page == 0 ? bytes.size() + 4 : 0, 4);
  }
  return bytes;
}

/// Everything that an archive of images may hold.
Files image_files() {
  return {{"cat/1.png", encoded(".png")},
          {"dog/2.png", encoded(".png")},
          {"1.cls", of("7\n")},
          {"cat/3.tif", tiff_of_pages(2)},
          {"dog/4.dcm", dicom_seeds().front()}};
}

}  // namespace

std::vector<Bytes> idx_seeds() {
  Bytes images = of(std::string("\0\0\x08\x03\0\0\0\2\0\0\0\3\0\0\0\4", 16));
  images.resize(16 + 24, 7);
  Bytes real = of(std::string("\0\0\x0d\x03\0\0\0\1\0\0\0\2\0\0\0\2", 16));
  real.resize(16 + 16, 7);
  return {images, real, deflated(images, MAX_WBITS + 16)};
}

std::vector<Bytes> idx_labels_seeds() {
  return {of(std::string("\0\0\x08\x01\0\0\0\2\0\1", 10))};
}

std::vector<Bytes> cifar_seeds() {
  return {Bytes(3073, 3), Bytes(2 * 3073, 9)};
}

std::vector<Bytes> stl_seeds() {
  return {Bytes(27648, 3)};
}

std::vector<Bytes> stl_labels_seeds() {
  return {{1}};
}

std::vector<Bytes> npy_seeds() {
  std::vector<Bytes> out;
  for (const char* header : {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
                             "{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }\n",
                             "{'descr': '>f2', 'fortran_order': False, 'shape': (12,), }\n",
                             "{'descr': '|u1', 'fortran_order': True, 'shape': (4, 6), }\n",
                             "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 1), }\n"}) {
    Bytes bytes = of(std::string("\x93NUMPY\x01\x00", 8));
    append_little(bytes, std::strlen(header), 2);
    append(bytes, header);
    bytes.resize(bytes.size() + 24, 1);
    out.push_back(bytes);
  }
  return out;
}

std::vector<Bytes> safetensors_seeds() {
  return {
      tensors(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],)"
              R"("data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}})",
              32)};
}

std::vector<Bytes> encoder_seeds() {
  const std::string of_vit =
      R"({"cls_token":{"dtype":"F32","shape":[1,1,192],"data_offsets":[0,768]},)"
      R"("patch_embed.proj.weight":{"dtype":"F32","shape":[1,3,4,4],"data_offsets":[768,960]},)"
      R"("pos_embed":{"dtype":"F32","shape":[1,5,4],"data_offsets":[960,1040]})";
  std::string blocks;
  for (int i = 0; i < 12; ++i)
    blocks += ",\"blocks." + std::to_string(i) +
              ".attn.qkv.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
  const std::string described =
      R"({"__metadata__":{"selfsight.encoder":"{\"stem\":\"half\",\"pooling\":\"avg\",)"
      R"(\"interpolation\":\"bilinear\",\"mean\":[0.5,0.5,0.5],\"std\":[0.2,0.2,0.2],)"
      R"(\"view_size\":32}"},)"
      R"("conv1.weight":{"dtype":"I8","shape":[32,3,3,3],"data_offsets":[0,864]})";
  std::string stages;
  for (int i = 1; i <= 3; ++i)
    stages += ",\"layer" + std::to_string(i) +
              ".0.conv1.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
  return {tensors(of_vit + blocks + "}", 1040), tensors(described + stages + "}", 864),
          tensors(R"({"conv1.weight":{"dtype":"F32","shape":[1,3,3,3],"data_offsets":[0,108]},)"
                  R"("layer1.0.conv1.weight":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                  108)};
}

std::vector<Bytes> list_seeds() {
  return {of("path,label,split,age\n1.png,cat,train,7\n\"2, a.png\",dog,val,\n"),
          of("list.csv\tcat\nlist.csv\tdog\n")};
}

std::vector<Bytes> toml_seeds() {
  return {
      of("[method]\nname = \"simclr\"\ntemperature = 0.5\n[views]\nsize = 32\n"
         "[preset]\ntitle = \"x\"\n")};
}

std::vector<Bytes> dicom_seeds() {
  Bytes bytes(128, 0);
  append(bytes, "DICM");
  element(bytes, 0x00020010, "UI", std::string("1.2.840.10008.1.2.1", 20));
  element(bytes, 0x00080016, "UI", std::string("1.2.840.10008.5.1.4.1.1.7", 26));
  element(bytes, 0x00280002, "US", number(1));
  element(bytes, 0x00280004, "CS", "MONOCHROME1 ");
  element(bytes, 0x00280008, "IS", "2 ");
  element(bytes, 0x00280010, "US", number(3));
  element(bytes, 0x00280011, "US", number(4));
  element(bytes, 0x00280100, "US", number(16));
  element(bytes, 0x00280101, "US", number(12));
  element(bytes, 0x00280102, "US", number(11));
  element(bytes, 0x00280103, "US", number(0));
  element(bytes, 0x00281052, "DS", "-1024 ");
  element(bytes, 0x00281053, "DS", "1.5 ");
  element(bytes, 0x7FE00010, "OW", std::string(48, 'a'));
  return {bytes, deflated_dicom(), lossless_dicom()};
}

std::vector<Bytes> lossless_seeds() {
  return {lossless(1, false), lossless(7, true)};
}

std::vector<Bytes> words_seeds() {
  return {of("clips?every=25"), of("clips?scenes=20.5&window=40,400"), of("a?b;c?scenes")};
}

std::vector<Bytes> image_seeds() {
  std::vector<Bytes> out;
  for (const char* suffix : {".png", ".jpg", ".bmp", ".tif", ".webp", ".ppm", ".jp2"})
    out.push_back(encoded(suffix));
  return out;
}

std::vector<Bytes> bands_seeds() {
  return {tiff_of_bands(8, 1, false), tiff_of_bands(16, 1, true), tiff_of_bands(32, 3, false),
          tiff_of_bands(16, 1, true, 4)};
}

std::vector<Bytes> frames_seeds() {
  Bytes big{'I', 'I', 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0};
  big.resize(32);  // a page without entries
  return {tiff_of_pages(2), tiff_of_pages(1), big, dicom_seeds().front()};
}

std::vector<Bytes> tar_seeds() {
  return {archived(image_files(), Packing::none)};
}

std::vector<Bytes> packed_seeds() {
  return {archived(image_files(), Packing::gzip), archived(image_files(), Packing::zstd)};
}

std::vector<Bytes> zip_seeds() {
  return {archived(image_files(), Packing::zip)};
}

std::vector<Bytes> run_seeds() {
  const Bytes weights = of("weights");
  const std::string record =
      R"({"format":"selfsight run 2","name":"a","note":"","tags":["b"],"status":"finished",)"
      R"("reason":"","active_seconds":1.5,"step":2,"epoch":0.2,"shape":{"steps":2,)"
      R"("steps_per_epoch":2,"train_images":9,"parameters":3,"feature_dimensions":4,)"
      R"("device":"CPU"},"dataset":{"name":"D","location":"/d","fingerprint":"f"},)"
      R"("settings":{"method":{"name":"simclr"}},"metrics":{"loss":[[1,0.1,0.5,0,null]]},)"
      R"("evaluations":[{"kind":"knn","metric":"accuracy","value":0.5,"protocol":"{}"}],)"
      R"("maps":[{"method":"pca","protocol":"{}","ids":[4],"xy":[1,2]}],)"
      R"("checkpoints":[{"file":"step-000000002.safetensors","bytes":7,"step":2,"epoch":0.2,)"
      R"("sha256":")" +
      sha256(std::as_bytes(std::span(weights))) + "\"}]}";
  const Files files{{"run.json", of(record)}, {"checkpoints/step-000000002.safetensors", weights}};
  return {archived(files, Packing::none), archived(files, Packing::zstd)};
}

std::vector<Bytes> checkpoint_seeds() {
  const nlohmann::ordered_json header = {
      {"__metadata__",
       {{"format", "selfsight checkpoint 1"},
        {"settings", R"({"method":{"name":"simclr"}})"},
        {"state",
         R"({"step":2,"epoch":0.2,"active_seconds":1.5,"last_loss":3.5,"segment":0,)"
         R"("monitored_step":-1,"train_images":9,"channels":1,"mean":[0.5],"std":[0.2]})"}}},
      {"model.a", {{"dtype", "F32"}, {"shape", {2}}, {"data_offsets", {0, 8}}}}};
  return {tensors(header.dump(), 8)};
}

std::vector<Bytes> catalogue_seeds() {
  std::vector<Bytes> out;
  for (const auto& [name, text] : catalogue_texts()) out.push_back(of(text));
  return out;
}

}  // namespace selfsight::fuzz
