"""Settings of the graph store, read from the environment once, in the entry points."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.errors import InputError


class DatabaseSettings(BaseSettings):
    """Where the graph is and how it is spoken to (environment prefix `ZHIKU_DB_`)."""

    model_config = SettingsConfigDict(env_prefix="ZHIKU_DB_", frozen=True)

    uri: str = Field(
        "",
        description="bolt://、neo4j:// 或 neo4j+s:// 地址；空 = 使用内嵌引擎 "
        "(address of a Neo4j; empty = the embedded engine)",
    )
    user: str = Field("neo4j", description="Neo4j 用户名 (user name)")
    password: SecretStr = Field(SecretStr(""), description="Neo4j 密码 (password)")
    password_file: Path | None = Field(None, description="存放密码的文件，优先于密码 (file that holds the password)")
    name: str = Field("", description="数据库名；空 = neo4j 或内嵌引擎的 zhiku (database name)")
    timeout_s: float = Field(120.0, gt=0, description="每次调用的时限，秒 (limit of one call, seconds)")
    pool_size: int = Field(20, ge=1, description="连接池大小 (connections in the pool)")
    heap_mb: int = Field(1024, ge=256, description="内嵌引擎的 Java 堆上限，MiB (heap cap of the embedded engine, MiB)")
    start_timeout_s: float = Field(60.0, gt=0, description="内嵌引擎启动的最长等待，秒 (longest wait for its start)")

    def secret(self) -> str:
        """Return the password, from the file where one is named; raises `InputError` when that cannot be read."""
        if self.password_file is None:
            return self.password.get_secret_value()
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"读不到密码文件 {self.password_file}", hint="检查 ZHIKU_DB_PASSWORD_FILE 指向的文件和权限"
            ) from error


class HomeSettings(BaseSettings):
    """Where Zhiku keeps its files (environment prefix `ZHIKU_`)."""

    model_config = SettingsConfigDict(env_prefix="ZHIKU_", frozen=True)

    home: Path = Field(
        default_factory=lambda: user_data_path("zhiku", appauthor=False),
        description="数据目录：内嵌引擎、文本索引、审计锚点、日志 "
        "(data folder: engine, text index, audit anchors, logs)",
    )


class IndexSettings(BaseSettings):
    """How the text index is made (environment prefix `ZHIKU_INDEX_`)."""

    model_config = SettingsConfigDict(env_prefix="ZHIKU_INDEX_", frozen=True)

    encoder: str = Field(
        "none",
        description="除字词外按含义比较成果的方式：none = 不用；latent = 从图中成果自行学得（LSA，不下载任何东西）；"
        "minilm = 另加英文句向量模型（先安装 zhiku[minilm]）；"
        "或本机文件夹 = 另加其中的句向量模型（BERT 类，safetensors）。"
        "改后运行 zhiku index rebuild 生效 "
        "(encoder of meanings beside the words: none, latent, minilm, or a folder with a sentence encoder)",
    )

    @field_validator("encoder")
    @classmethod
    def _known(cls, encoder: str) -> str:
        # A folder is named with its path, so that a misspelt name is not taken for one.
        if encoder not in {"none", "latent", "minilm"} and not {"/", "\\"} & set(encoder):
            raise ValueError("none, latent, minilm or the path of a folder")
        return encoder
