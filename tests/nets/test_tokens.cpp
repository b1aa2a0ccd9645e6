// What transformers do between their matrix products, against torch's own operations in doubles.
// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>
#include <limits>

#include "core/nets/precision.h"
#include "core/nets/token_ops.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

torch::Tensor drawn(at::IntArrayRef sizes, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return torch::randn(sizes, generator, torch::kFloat64);
}

/// Numbers that bfloat16 holds too, so that both begin from the same.
torch::Tensor coarse(const torch::Tensor& x) {
  return x.to(torch::kBFloat16).to(torch::kFloat64);
}

using Tensors = std::vector<torch::Tensor>;

/// The answers of `work` on leaves of this type, and the gradients of all leaves.
template <class Work>
Tensors answers(const Tensors& inputs, const std::vector<at::ScalarType>& types, Work&& work) {
  Tensors leaves;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    leaves.push_back(inputs[i].to(types[i]).detach().clone().requires_grad_());
  Tensors out = work(leaves);
  torch::Tensor loss = torch::zeros({}, torch::kFloat64);
  for (std::size_t i = 0; i < out.size(); ++i)
    loss = loss + (out[i].to(torch::kFloat64) * drawn(out[i].sizes(), 90 + i)).sum();
  loss.backward();
  for (torch::Tensor& tensor : out) tensor = tensor.detach();
  for (const torch::Tensor& leaf : leaves) out.push_back(leaf.grad());
  return out;
}

void compare(const Tensors& got, const Tensors& wanted, double tolerance) {
  QCOMPARE(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double scale = std::max(1.0, wanted[i].abs().max().item<double>());
    const double far = (got[i].to(torch::kFloat64) - wanted[i]).abs().max().item<double>();
    QVERIFY2(far <= tolerance * scale, qPrintable(QStringLiteral("%1: %2").arg(i).arg(far)));
  }
}

/// Floats, and bfloat16 where networks have it, against doubles.
template <class Work>
void check(const Tensors& inputs, const std::vector<bool>& narrow, Work&& work) {
  const std::vector<at::ScalarType> doubles(inputs.size(), torch::kFloat64),
      floats(inputs.size(), torch::kFloat);
  const Tensors wanted = answers(inputs, doubles, work);
  compare(answers(inputs, floats, work), wanted, 3e-6);
  std::vector<at::ScalarType> mixed;
  for (const bool half : narrow) mixed.push_back(half ? torch::kBFloat16 : torch::kFloat);
  const Bfloat16 bfloat16(true);
  const NetworkPrecision precision;
  compare(answers(inputs, mixed, work), wanted, 0.02);
}

}  // namespace

class TestTokens : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sizes() {
    QTest::addColumn<int>("images");
    QTest::addColumn<int>("length");
    QTest::addColumn<int>("heads");
    QTest::addColumn<int>("width");  // of a head
    QTest::newRow("ViT-Tiny") << 3 << 17 << 3 << 64;
    QTest::newRow("a decoder") << 2 << 65 << 4 << 48;
    QTest::newRow("more rows than chunks") << 90 << 3 << 2 << 8;
    QTest::newRow("no multiple of anything") << 5 << 7 << 1 << 19;
    QTest::newRow("one token") << 1 << 1 << 1 << 16;
  }

  void addition_and_norm_are_the_same_in_one_data() { sizes(); }
  void addition_and_norm_are_the_same_in_one() {
    QFETCH(int, images);
    QFETCH(int, length);
    QFETCH(int, heads);
    QFETCH(int, width);
    const std::int64_t d = heads * width;
    const Tensors inputs{drawn({images, length, d}, 1) + 3, coarse(drawn({images, length, d}, 2)),
                         drawn({d}, 3), drawn({d}, 4), drawn({d}, 5)};
    const auto normed = [d](const Tensors& leaves, const Tokens& tokens) {
      torch::nn::LayerNorm norm(torch::nn::LayerNormOptions({d}).eps(1e-6));
      norm->weight = leaves[3];
      norm->bias = leaves[4];
      return add_and_norm(tokens, norm);
    };
    check(inputs, {false, true, false, false, false}, [&](const Tensors& leaves) {
      const NormedTokens out = normed(leaves, {leaves[0], leaves[1], leaves[2]});
      return Tensors{out.sum, out.norm};
    });
    // At the end of a network nobody asks for the sum, at its beginning there is no branch.
    check(inputs, {false, true, false, false, false}, [&](const Tensors& leaves) {
      const NormedTokens out = normed(leaves, {leaves[0], leaves[1], leaves[2]});
      return Tensors{out.norm, normed(leaves, {out.norm.to(leaves[0].scalar_type()), {}, {}}).norm};
    });
  }

  void gelu_takes_a_bias_data() { sizes(); }
  void gelu_takes_a_bias() {
    QFETCH(int, images);
    QFETCH(int, length);
    QFETCH(int, heads);
    QFETCH(int, width);
    const std::int64_t d = heads * width;
    check({coarse(drawn({images, length, d}, 6) * 3), drawn({d}, 7)}, {true, false},
          [](const Tensors& leaves) { return Tensors{gelu_with_bias(leaves[0], leaves[1])}; });
  }

  void gelu_is_right_from_end_to_end() {
    const torch::Tensor x = torch::linspace(-30, 30, 60001, torch::kFloat64);
    const torch::Tensor wanted = torch::gelu(x);
    const torch::Tensor got =
        gelu_with_bias(x.to(torch::kFloat).unsqueeze(1), torch::zeros({1})).squeeze(1);
    QVERIFY((got.to(torch::kFloat64) - wanted).abs().max().item<double>() < 2e-6);
  }

  void attention_needs_no_copies_data() { sizes(); }
  void attention_needs_no_copies() {
    QFETCH(int, images);
    QFETCH(int, length);
    QFETCH(int, heads);
    QFETCH(int, width);
    const std::int64_t d = heads * width;
    check(
        {coarse(drawn({images, length, 3 * d}, 8)), drawn({3 * d}, 9)}, {true, false},
        [heads](const Tensors& leaves) { return Tensors{attention(leaves[0], leaves[1], heads)}; });
  }

  void large_scores_do_not_overflow() {
    const torch::Tensor qkv = drawn({2, 9, 48}, 10) * 200,
                        bias = torch::zeros({48}, torch::kFloat64);
    const torch::Tensor got = attention(qkv.to(torch::kFloat), bias.to(torch::kFloat), 1);
    QVERIFY(torch::allclose(got.to(torch::kFloat64), attention(qkv, bias, 1), 1e-3, 1e-3));
  }

  void what_is_no_number_is_not_hidden() {
    torch::Tensor x = drawn({2, 5, 48}, 11).to(torch::kFloat);
    x[1][2][3] = std::numeric_limits<float>::quiet_NaN();
    const torch::Tensor bias = torch::zeros({48});
    torch::nn::LayerNorm norm(torch::nn::LayerNormOptions({48}));
    for (const torch::Tensor& y :
         {gelu_with_bias(x, bias), attention(x, bias, 2), add_and_norm({x, {}, {}}, norm).norm}) {
      QVERIFY(y[1].isnan().any().item<bool>());
      QVERIFY(!y[0].isnan().any().item<bool>());
    }
  }

  /// The sums over rows are made in the same order.
  void the_number_of_threads_changes_nothing() {
    const torch::Tensor qkv = drawn({70, 9, 96}, 12), bias = drawn({96}, 13);
    const auto run = [&](int threads) {
      const int before = at::get_num_threads();
      at::set_num_threads(threads);
      const Tensors out = answers(
          {qkv, bias}, {torch::kFloat, torch::kFloat},
          [](const Tensors& leaves) { return Tensors{gelu_with_bias(leaves[0], leaves[1])}; });
      at::set_num_threads(before);
      return out;
    };
    const Tensors one = run(1), two = run(2);
    for (std::size_t i = 0; i < one.size(); ++i) QVERIFY(torch::equal(one[i], two[i]));
  }
};

SELFSIGHT_SUITE(TestTokens, QCoreApplication);
#include "test_tokens.moc"
