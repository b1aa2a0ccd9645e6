#include "core/methods/losses.h"

#include "core/nets/vision_transformer.h"
#include "tests/reference/loss_check.h"

namespace selfsight::reference {
namespace {

void nt_xent_family(const Json& c, Findings& found) {
  if (!c.at("params").value("normalize", true)) throw NotComputed();
  const auto temperature = c.at("params").at("temperature").get<double>();
  check_loss(
      c, [&](const Inputs& in) { return nt_xent(in.at("z0"), in.at("z1"), temperature); }, found);
}

void mae_pixel_loss_family(const Json& c, Findings& found) {
  const Json& params = c.at("params");
  const auto patch = params.at("patch").get<std::int64_t>();
  const bool norm_pix_loss = params.at("norm_pix_loss").get<bool>();
  check_loss(
      c,
      [&](const Inputs& in) {
        return mae_pixel_loss(in.at("imgs"), in.at("pred"), in.at("mask"), patch, norm_pix_loss);
      },
      found);
  const torch::Tensor images = tensor(c.at("inputs").at("imgs"), torch::kDouble);
  found.checksum("the patches", numbers(patchify(images, patch)),
                 c.at("expected").at("target_patches"), c.at("tol").at("f64_rel").get<double>());
}

void patchify_family(const Json& c, Findings& found) {
  const Json& expected = c.at("expected");
  const auto patch = c.at("params").at("patch").get<std::int64_t>();
  const torch::Tensor images = tensor(c.at("inputs").at("imgs"), torch::kDouble);
  const torch::Tensor patches = patchify(images, patch);
  found.same("the shape", patches.sizes() == expected.at("shape").get<std::vector<std::int64_t>>());
  // Entries are moved, not computed; their sum may be taken in another order.
  found.checksum("the patches", numbers(patches), expected.at("patches"), 1e-14);
  const torch::Tensor numbered =
      torch::arange(images[0].numel(), torch::kDouble).reshape(images[0].sizes()).unsqueeze(0);
  found.same("the order of pixels",
             numbers(patchify(numbered, patch)) ==
                 expected.at("source_flat_index_of_one_image").get<std::vector<double>>());
  found.same("the way back", torch::equal(unpatchify(patches, patch, images.size(1)), images));
}

void sincos_2d_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const torch::Tensor table =
      sincos_2d(params.at("embed_dim").get<std::int64_t>(), params.at("grid").get<std::int64_t>(),
                params.at("cls_token").get<bool>());
  found.same("the shape", table.sizes() == expected.at("shape").get<std::vector<std::int64_t>>());
  const auto got = numbers(table);
  const auto wanted = expected.at("values").get<std::vector<double>>();
  for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i)
    found.near("entry " + std::to_string(i), got[i], wanted[i], 0,
               c.at("tol").at("f64_abs").get<double>());
}

}  // namespace

void add_loss_families(Families& families) {
  families["nt_xent"] = nt_xent_family;
  families["mae_pixel_loss"] = mae_pixel_loss_family;
  families["patchify"] = patchify_family;
  families["sincos_2d"] = sincos_2d_family;
}

}  // namespace selfsight::reference
