# docker build --tag kgan . && docker run --rm --volume "$PWD/runs:/runs" kgan
#
# Trains MD-GAN on 25 Gaussians, measures it, and writes its report: runs/demo/report.html. Any other
# command of `kgan` after the image's name: docker run --rm --volume "$PWD/runs:/runs" kgan mgan --dataset=ring
FROM python:3.11-slim

WORKDIR /kgan
COPY pyproject.toml setup.cfg MANIFEST.in README.md LICENSE ./
COPY kgan kgan
RUN pip install --no-cache-dir '.[tensorflow]'

ENV TF_CPP_MIN_LOG_LEVEL=3 KGAN_CACHE=/runs/.cache MPLCONFIGDIR=/tmp
WORKDIR /
VOLUME /runs
ENTRYPOINT ["kgan"]
CMD ["mdgan", "--dataset=grid", "--output_dir=/runs/demo"]
